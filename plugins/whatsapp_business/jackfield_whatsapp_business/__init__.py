"""The WhatsApp Business app as a channel of Jackfield: a linked companion of the phone."""
