"""What the dialogue can do: thin actions over the services of `bot`, one file per topic."""
