"""The bridge: a process that holds one linked device. `python -m jackfield_whatsapp_business.bridge`."""
