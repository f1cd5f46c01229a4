"""What the notebook has without any plug-in: event files, local files, serial launch."""
