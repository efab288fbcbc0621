"""Who is called: rotas, ways to reach a person, and escalations."""
