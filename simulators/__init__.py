"""Stand-ins for people, sensors, peripherals and the radio, true to the byte."""
