"""What only a browser can show: scripts, keys, fingers. Run by `make browser`."""
