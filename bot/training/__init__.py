"""What trainers do: review what customers wrote, teach it, and see to the models made of it."""
