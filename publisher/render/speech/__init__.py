"""How does a script sound? Numbers, times and units spelt out for a reader or a voice; the voice; the tones for machines."""
