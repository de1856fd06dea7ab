"""What differs between the calls: prompt, parse, check, hand to the rules. Pure functions."""
