"""What can be read, rebuilt and shown of a notebook without running it: functions without a process."""
