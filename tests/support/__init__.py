"""What tests stand on: real databases, a real engine, the whole stack on a clock of its own."""
