"""Who is called: rotas, escalations, and the ways of people.

- `ports`: what is stored of them, and where the escalations of open alerts stand.
- `rotas`, `escalations`: their administration.
- `calendars`: who is on call when, also as a file for calendars.
"""
