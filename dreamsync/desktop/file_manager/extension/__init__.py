"""What file managers load into their own process. Nothing of dreamsync imports it; it imports
nothing of dreamsync."""
