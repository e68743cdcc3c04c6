"""Who does it? The hands: plan, approve, release, deliver, hear receipts and watch the clock."""
