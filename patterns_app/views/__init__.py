"""What the public sees, made of snapshots alone. `page` ← `public`."""
