"""One working day of a contact centre on a virtual clock, with faults, proven right by a checker that shares no code with the product."""
