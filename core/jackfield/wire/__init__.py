"""What goes over the wire: views, stream events, commands, realtime frames. One source for all of it."""
