"""The dashboard as one web page without a network: the same figures, charts drawn as SVG."""
