"""What is recorded: tracks of spikes and samples, kept here as plain arrays and handed over as Neo objects."""
