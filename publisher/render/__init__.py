"""What does it look and sound like? From model values to the words and pictures people get."""
