"""The tour: real key presses and clicks drive the real windows through a day, against a real central."""
