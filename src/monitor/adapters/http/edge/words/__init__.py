"""What the API says to people, in English and Chinese. `messages` chooses, the others are tables."""
