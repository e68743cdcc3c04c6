"""Which delivery rows say that an endpoint got, or may have got, a text? One condition, used wherever it matters."""

MAY_HAVE = (
    "(d.uncertain OR (d.state = 'sending' AND d.stage IN ('calling', 'left'))"
    " OR d.state IN ('accepted', 'delivered', 'shown', 'acknowledged') OR (d.state = 'failed' AND d.ref <> ''))"
)
"""SQL over a delivery row `d`. Certainly not: skipped, stopped, waiting after a certain no, failed without a reference."""
