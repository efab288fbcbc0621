"""The status of every route for each caller, as in the contract's "Who may do what". Add a line for each new route.

A variant `of_…` or `to_…` says what the ids in the query or body name. Each id that an operation takes is in a row, and
`test_hidden_things.py` checks that for `other` it is like one that nobody has.

In the scene of `access_scene.py`, `user` is linked to the server that a request names, `other` is not, and `reader` and
`writer` are in teams that have it; another server is linked to all four. `reading_token` and `writing_token` are
`user`'s; `without_factor` is linked to nothing and must set up a second factor first; no server has the tag that one
names; the backtest and the rehearsal asked for are `user`'s.
"""

from dataclasses import dataclass

CALLERS = (
    "anonymous",
    "user",
    "other",
    "reader",
    "writer",
    "admin",
    "agent",
    "revoked",
    "reading_token",
    "writing_token",
    "without_factor",
)


@dataclass(frozen=True, slots=True)
class Row:
    """*operation* as the OpenAPI document names it; *variant* tells two requests for one operation apart."""

    operation: str
    variant: str
    statuses: dict[str, int]


_TABLE = """
#                                                            anon user othr  rdr wrtr admn agnt rvkd tokr tokw bare

POST   /api/auth/login                                        200  200  200  200  200  200  200  200  200  200  200
POST   /api/auth/login-link                                   200  200  200  200  200  200  200  200  200  200  200
GET    /api/auth/methods                                      200  200  200  200  200  200  200  200  200  200  200
GET    /api/auth/oidc/login                                   302  302  302  302  302  302  302  302  302  302  302
GET    /api/auth/oidc/callback                                302  302  302  302  302  302  302  302  302  302  302
GET    /api/auth/oidc/join                                    401  200  200  200  200  200  401  401  403  403  403
POST   /api/auth/oidc/join                                    401  200  200  200  200  200  401  401  403  403  403
DELETE /api/auth/oidc/join                                    401  404  404  404  404  404  401  401  403  403  403
POST   /api/auth/refresh                                      401  200  200  200  200  200  401  401  401  401  200
POST   /api/auth/logout                                       401  200  200  200  200  200  401  401  403  403  200
GET    /api/auth/me                                           401  200  200  200  200  200  401  401  200  200  200
PUT    /api/auth/me                                           401  200  200  200  200  200  401  401  403  403  403
GET    /api/auth/me/ways                                      401  200  200  200  200  200  401  401  403  403  403
PUT    /api/auth/me/ways                                      401  200  200  200  200  200  401  401  403  403  403
POST   /api/auth/me/ways/{way_id}/test                        401  200  404  404  404  404  401  401  403  403  403
POST   /api/auth/me/push                                      401  200  200  200  200  200  401  401  403  403  403
DELETE /api/auth/me/push                                      401  200  200  200  200  200  401  401  403  403  403
GET    /api/push/key                                          401  200  200  200  200  200  401  401  403  403  403
POST   /api/auth/change-password                              401  200  200  200  200  200  401  401  403  403  200
POST   /api/auth/reauthenticate                               401  200  200  200  200  200  401  401  403  403  200
POST   /api/auth/totp                                         401  200  200  200  200  200  401  401  403  403  200
PUT    /api/auth/totp                                         401  200  200  200  200  200  401  401  403  403  200
DELETE /api/auth/totp                                         401  200  200  200  200  200  401  401  403  403  200
POST   /api/auth/recovery-codes                               401  200  200  200  200  200  401  401  403  403  200
GET    /api/auth/sessions                                     401  200  200  200  200  200  401  401  403  403  403
DELETE /api/auth/sessions                                     401  200  200  200  200  200  401  401  403  403  403
DELETE /api/auth/sessions/{session_id}                        401  200  404  404  404  404  401  401  403  403  403
GET    /api/auth/passkeys                                     401  200  200  200  200  200  401  401  403  403  200
POST   /api/auth/passkeys                                     401  200  200  200  200  200  401  401  403  403  200
POST   /api/auth/passkeys/options                             401  200  200  200  200  200  401  401  403  403  200
DELETE /api/auth/passkeys/{passkey_id}                        401  200  404  404  404  404  401  401  403  403  403
POST   /api/auth/passkeys/login/options                       200  200  200  200  200  200  200  200  200  200  200
POST   /api/auth/passkeys/login                               200  200  200  200  200  200  200  200  200  200  200
POST   /api/auth/passkeys/reauthenticate                      401  200  401  401  401  401  401  401  403  403  401

GET    /api/users                                             401  403  403  403  403  200  401  401  403  403  403
POST   /api/users                                             401  403  403  403  403  200  401  401  403  403  403
PUT    /api/users/reset-password                              401  403  403  403  403  200  401  401  403  403  403
PUT    /api/users/{user_id}                                   401  403  403  403  403  200  401  401  403  403  403
DELETE /api/users/{user_id}/totp                              401  403  403  403  403  200  401  401  403  403  403
GET    /api/users/{user_id}/deletion                          401  403  403  403  403  200  401  401  403  403  403
DELETE /api/users/{user_id}                                   401  403  403  403  403  200  401  401  403  403  403
DELETE /api/users/{user_id}/sessions                          401  403  403  403  403  200  401  401  403  403  403
GET    /api/users/options                                     401  200  200  200  200  200  401  401  403  403  403

GET    /api/teams                                             401  403  403  403  403  200  401  401  403  403  403
POST   /api/teams                                             401  403  403  403  403  200  401  401  403  403  403
PUT    /api/teams/{team_id}                                   401  403  403  403  403  200  401  401  403  403  403
DELETE /api/teams/{team_id}                                   401  403  403  403  403  200  401  401  403  403  403

GET    /api/tokens                                            401  200  200  200  200  200  401  401  403  403  403
POST   /api/tokens                                            401  200  200  200  200  200  401  401  403  403  403
DELETE /api/tokens/{token_id}                                 401  200  404  404  404  404  401  401  403  403  403

GET    /api/servers                                           401  200  200  200  200  200  401  401  200  200  403
GET    /api/servers                           of_ids          401  200  200  200  200  200  401  401  200  200  403
POST   /api/servers                                           401  200  200  200  200  200  401  401  403  200  403
GET    /api/servers/{server_id}                               401  200  404  200  200  200  401  401  200  200  403
GET    /api/servers/{server_id}/facts                         401  200  404  200  200  200  401  401  200  200  403
PUT    /api/servers/{server_id}                               401  200  404  403  200  200  401  401  403  200  403
DELETE /api/servers/{server_id}                               401  200  404  403  200  200  401  401  403  200  403
POST   /api/servers/{server_id}/users                         401  200  404  403  200  200  401  401  403  200  403
PUT    /api/servers/{server_id}/tags                          401  200  404  403  200  200  401  401  403  200  403
GET    /api/servers/{server_id}/series                        401  200  404  200  200  200  401  401  200  200  403
GET    /api/servers/recent                                    401  200  200  200  200  200  401  401  200  200  403
GET    /api/servers/filling                                   401  200  200  200  200  200  401  401  200  200  403
GET    /api/servers/{server_id}/outlooks                      401  200  404  200  200  200  401  401  200  200  403
GET    /api/servers/{server_id}/policies                      401  200  404  200  200  200  401  401  200  200  403
POST   /api/servers/batch                     delete          401  200  404  403  200  200  401  401  403  200  403
POST   /api/servers/batch                     link_users      401  200  404  403  200  200  401  401  403  200  403
POST   /api/servers/batch                     unlink_users    401  200  404  403  200  200  401  401  403  200  403
POST   /api/servers/batch                     add_tags        401  200  404  403  200  200  401  401  403  200  403
POST   /api/servers/batch                     remove_tags     401  200  404  403  200  200  401  401  403  200  403
POST   /api/servers/batch                     silence         401  200  404  403  200  200  401  401  403  200  403
POST   /api/servers/import                                    401  200  200  200  200  200  401  401  403  200  403
GET    /api/servers/export                                    401  200  200  200  200  200  401  401  200  200  403
GET    /api/servers/ordered                                   401  200  200  200  200  200  401  401  200  200  403
GET    /api/servers/ids                                       401  200  200  200  200  200  401  401  200  200  403
GET    /api/servers/tags                                      401  200  200  200  200  200  401  401  200  200  403
GET    /api/servers/{server_id}/dependents                    401  200  404  200  200  200  401  401  200  200  403
GET    /api/servers/names                                     401  200  200  200  200  200  401  401  200  200  403
GET    /api/servers/unregistered                              401  403  403  403  403  200  401  401  403  403  403
GET    /api/fleet/groups                                      401  200  200  200  200  200  401  401  200  200  403
GET    /api/fleet/wallboard                                   401  200  200  200  200  200  401  401  200  200  403

GET    /api/checks                                            401  200  200  200  200  200  401  401  200  200  403
GET    /api/checks                            of_server       401  200  200  200  200  200  401  401  200  200  403
POST   /api/checks                                            401  403  403  403  403  200  401  401  403  403  403
POST   /api/checks/try                                        401  403  403  403  403  200  401  401  403  403  403
POST   /api/checks/batch                                      401  403  403  403  403  200  401  401  403  403  403
GET    /api/checks/uptime                                     401  200  200  200  200  200  401  401  200  200  403
GET    /api/checks/uptime                         of_ids      401  200  200  200  200  200  401  401  200  200  403
GET    /api/checks/{check_id}                                 401  200  404  200  200  200  401  401  200  200  403
PUT    /api/checks/{check_id}                                 401  403  403  403  403  200  401  401  403  403  403
DELETE /api/checks/{check_id}                                 401  403  403  403  403  200  401  401  403  403  403
POST   /api/checks/{check_id}/pause                           401  403  403  403  403  200  401  401  403  403  403
POST   /api/checks/{check_id}/resume                          401  403  403  403  403  200  401  401  403  403  403
POST   /api/checks/{check_id}/run                             401  403  403  403  403  200  401  401  403  403  403
GET    /api/checks/{check_id}/series                          401  200  404  200  200  200  401  401  200  200  403
GET    /api/checks/{check_id}/policies                        401  200  404  200  200  200  401  401  200  200  403
GET    /api/checks/{check_id}/uptime                          401  200  404  200  200  200  401  401  200  200  403

GET    /api/agent/install                                     401  200  200  200  200  200  401  401  200  200  403
GET    /api/agent/old                                         401  200  200  200  200  200  401  401  200  200  403
GET    /api/api-keys                                          401  200  200  200  200  200  401  401  200  200  403
POST   /api/api-keys                          of_server       401  200  404  403  200  200  401  401  403  200  403
POST   /api/api-keys                          of_fleet        401  403  403  403  403  200  401  401  403  403  403
DELETE /api/api-keys/{key_id}                 of_server       401  200  404  403  200  200  401  401  403  200  403
DELETE /api/api-keys/{key_id}                 of_fleet        401  404  404  404  404  200  401  401  403  404  403

POST   /api/monitor/data                                      401  401  401  401  401  401  200  401  401  401  401
POST   /api/monitor/data/batch                                401  401  401  401  401  401  200  401  401  401  401
POST   /api/prometheus/write                                  401  401  401  401  401  401  204  401  401  401  401
GET    /api/monitor/data                      of_all          401  200  200  200  200  200  401  401  200  200  403
GET    /api/monitor/data                      of_server       401  200  404  200  200  200  401  401  200  200  403
GET    /api/monitor/stats                                     401  200  200  200  200  200  401  401  200  200  403
GET    /api/live                                              401  200  200  200  200  200  401  401  200  200  403
GET    /api/live                              of_server       401  200  200  200  200  200  401  401  200  200  403
POST   /api/live/ticket                                       401  200  200  200  200  200  401  401  403  200  403

GET    /api/alerts                            of_all          401  200  200  200  200  200  401  401  200  200  403
GET    /api/alerts                            of_server       401  200  404  200  200  200  401  401  200  200  403
GET    /api/alerts                            of_check        401  200  404  200  200  200  401  401  200  200  403
GET    /api/alerts                            of_check_in     401  200  404  200  200  200  401  401  200  200  403
GET    /api/alerts                            pending         401  200  404  200  200  200  401  401  200  200  403
GET    /api/alerts/noise                                      401  200  200  200  200  200  401  401  200  200  403
GET    /api/alerts/noise                      of_server       401  200  404  200  200  200  401  401  200  200  403
GET    /api/alerts/noise                      of_policy       401  200  200  200  200  200  401  401  200  200  403
GET    /api/alerts/explain                    of_server       401  200  404  200  200  200  401  401  200  200  403
GET    /api/alerts/explain                    of_check        401  200  404  200  200  200  401  401  200  200  403
GET    /api/alerts/explain                    of_check_in     401  200  404  200  200  200  401  401  200  200  403
GET    /api/alerts/coverage                                   401  200  200  200  200  200  401  401  200  200  403
POST   /api/alerts/drill                      of_server       401  200  404  403  200  200  401  401  403  200  403
POST   /api/alerts/drill                      of_rota         401  403  403  403  403  200  401  401  403  403  403
GET    /api/alerts/drill/{drill_id}                           401  200  404  200  200  200  401  401  200  200  403
GET    /api/alerts/{alert_id}                                 401  200  404  200  200  200  401  401  200  200  403
PUT    /api/alerts/{alert_id}/verdict                         401  200  404  403  200  200  401  401  403  200  403
GET    /api/incidents                         of_all          401  200  200  200  200  200  401  401  200  200  403
GET    /api/incidents                         of_server       401  200  404  200  200  200  401  401  200  200  403
GET    /api/incidents/{incident_id}                           401  200  404  200  200  200  401  401  200  200  403
GET    /api/incidents/{incident_id}/timeline                  401  200  404  200  200  200  401  401  200  200  403
GET    /api/incidents/{incident_id}/report                    401  200  404  200  200  200  401  401  200  200  403
GET    /api/dependencies/suggestions                          401  200  200  200  200  200  401  401  200  200  403
POST   /api/incidents/{incident_id}/ack                       401  200  404  403  200  200  401  401  403  200  403
POST   /api/incidents/{incident_id}/silence                   401  200  404  403  200  200  401  401  403  200  403
POST   /api/alerts/ack                                        401  200  404  403  200  200  401  401  403  200  403
POST   /api/alerts/{alert_id}/ack                             401  200  404  403  200  200  401  401  403  200  403

GET    /api/alert-policies                                    401  200  200  200  200  200  401  401  200  200  403
GET    /api/alert-policies/reach                              401  200  200  200  200  200  401  401  200  200  403
POST   /api/alert-policies                    of_server       401  200  404  403  200  200  401  401  403  200  403
POST   /api/alert-policies                    of_check        401  200  404  403  200  200  401  401  403  200  403
POST   /api/alert-policies                    of_check_in     401  200  404  403  200  200  401  401  403  200  403
POST   /api/alert-policies                    of_tag          401  403  403  403  403  200  401  401  403  403  403
POST   /api/alert-policies                    of_everything   401  403  403  403  403  200  401  401  403  403  403
POST   /api/alert-policies/preview            of_server       401  200  404  200  200  200  401  401  403  200  403
POST   /api/alert-policies/preview            of_check        401  200  404  200  200  200  401  401  403  200  403
POST   /api/alert-policies/preview            of_check_in     401  200  404  200  200  200  401  401  403  200  403
POST   /api/alert-policies/preview            of_everything   401  200  200  200  200  200  401  401  403  200  403
PUT    /api/alert-policies/{policy_id}        of_server       401  200  404  403  200  200  401  401  403  200  403
PUT    /api/alert-policies/{policy_id}        of_tag          401  404  404  404  404  200  401  401  403  404  403
PUT    /api/alert-policies/{policy_id}        of_everything   401  403  403  403  403  200  401  401  403  403  403
PUT    /api/alert-policies/{policy_id}        to_server       401  200  404  403  200  200  401  401  403  200  403
PUT    /api/alert-policies/{policy_id}        to_check        401  200  404  403  200  200  401  401  403  200  403
PUT    /api/alert-policies/{policy_id}        to_check_in     401  200  404  403  200  200  401  401  403  200  403
DELETE /api/alert-policies/{policy_id}        of_server       401  200  404  403  200  200  401  401  403  200  403
DELETE /api/alert-policies/{policy_id}        of_tag          401  404  404  404  404  200  401  401  403  404  403
DELETE /api/alert-policies/{policy_id}        of_everything   401  403  403  403  403  200  401  401  403  403  403
POST   /api/alert-policies/backtest           of_server       401  200  404  200  200  200  401  401  403  200  403
POST   /api/alert-policies/backtest           of_check        401  200  404  200  200  200  401  401  403  200  403
POST   /api/alert-policies/backtest           of_check_in     401  200  404  200  200  200  401  401  403  200  403
POST   /api/alert-policies/backtest           of_everything   401  200  200  200  200  200  401  401  403  200  403
GET    /api/alert-policies/backtest/{job_id}                  401  200  404  404  404  404  401  401  200  200  403
DELETE /api/alert-policies/backtest/{job_id}                  401  200  404  404  404  404  401  401  403  200  403

GET    /api/check-ins                                         401  200  200  200  200  200  401  401  200  200  403
GET    /api/check-ins                         of_server       401  200  200  200  200  200  401  401  200  200  403
POST   /api/check-ins                                         401  403  403  403  403  200  401  401  403  403  403
GET    /api/check-ins/{check_in_id}                           401  200  404  200  200  200  401  401  200  200  403
PUT    /api/check-ins/{check_in_id}                           401  403  403  403  403  200  401  401  403  403  403
DELETE /api/check-ins/{check_in_id}                           401  403  403  403  403  200  401  401  403  403  403
POST   /api/check-ins/{check_in_id}/pause                     401  403  403  403  403  200  401  401  403  403  403
POST   /api/check-ins/{check_in_id}/resume                    401  403  403  403  403  200  401  401  403  403  403
GET    /api/check-ins/{check_in_id}/pings                     401  200  404  200  200  200  401  401  200  200  403
GET    /api/check-ins/{check_in_id}/policies                  401  200  404  200  200  200  401  401  200  200  403
GET    /ping/{ping_key}                                       200  200  200  200  200  200  200  200  200  200  200
POST   /ping/{ping_key}                                       200  200  200  200  200  200  200  200  200  200  200
GET    /ping/{ping_key}/{event}                               200  200  200  200  200  200  200  200  200  200  200
POST   /ping/{ping_key}/{event}                               200  200  200  200  200  200  200  200  200  200  200

GET    /api/silences                                          401  200  200  200  200  200  401  401  200  200  403
GET    /api/silences                          of_server       401  200  404  200  200  200  401  401  200  200  403
GET    /api/silences                          of_check        401  200  404  200  200  200  401  401  200  200  403
GET    /api/silences                          of_check_in     401  200  404  200  200  200  401  401  200  200  403
GET    /api/silences/{silence_id}/effect      of_server       401  200  404  200  200  200  401  401  200  200  403
POST   /api/silences/preview                  of_server       401  200  404  403  200  200  401  401  403  200  403
POST   /api/silences/preview                  of_check        401  200  404  403  200  200  401  401  403  200  403
POST   /api/silences/preview                  of_check_in     401  200  404  403  200  200  401  401  403  200  403
POST   /api/silences/preview                  of_everything   401  403  403  403  403  200  401  401  403  403  403
POST   /api/silences                          of_server       401  200  404  403  200  200  401  401  403  200  403
POST   /api/silences                          of_check        401  200  404  403  200  200  401  401  403  200  403
POST   /api/silences                          of_check_in     401  200  404  403  200  200  401  401  403  200  403
POST   /api/silences                          of_tag          401  403  403  403  403  200  401  401  403  403  403
POST   /api/silences                          of_everything   401  403  403  403  403  200  401  401  403  403  403
POST   /api/silences/{silence_id}/end         of_server       401  200  404  403  200  200  401  401  403  200  403
POST   /api/silences/{silence_id}/end         of_tag          401  404  404  404  404  200  401  401  403  404  403
POST   /api/silences/{silence_id}/end         of_everything   401  403  403  403  403  200  401  401  403  403  403
DELETE /api/silences/{silence_id}             of_server       401  200  404  403  200  200  401  401  403  200  403
DELETE /api/silences/{silence_id}             of_tag          401  404  404  404  404  200  401  401  403  404  403
DELETE /api/silences/{silence_id}             of_everything   401  403  403  403  403  200  401  401  403  403  403

GET    /api/rotas                                             401  200  200  200  200  200  401  401  200  200  403
POST   /api/rotas                                             401  403  403  403  403  200  401  401  403  403  403
PUT    /api/rotas/{rota_id}                                   401  403  403  403  403  200  401  401  403  403  403
DELETE /api/rotas/{rota_id}                                   401  403  403  403  403  200  401  401  403  403  403
GET    /api/rotas/{rota_id}                   ics             200  200  200  200  200  200  200  200  200  200  200
GET    /api/rotas/{rota_id}/on-call                           401  200  200  200  200  200  401  401  200  200  403
POST   /api/rotas/{rota_id}/overrides                         401  200  403  403  403  200  401  401  403  200  403
DELETE /api/rotas/{rota_id}/overrides                         401  200  403  403  403  200  401  401  403  200  403
GET    /api/on-call                                           401  200  200  200  200  200  401  401  200  200  403
GET    /api/on-call/reach                                     401  200  200  200  200  200  401  401  200  200  403
POST   /api/on-call/rehearsal                                 401  200  200  200  200  200  401  401  403  200  403
POST   /api/on-call/rehearsal                 of_rota         401  403  403  403  403  200  401  401  403  403  403
POST   /api/on-call/rehearsal                 of_escalation   401  403  403  403  403  200  401  401  403  403  403
GET    /api/on-call/rehearsal/{rehearsal_id}                  401  200  404  404  404  404  401  401  200  200  403
DELETE /api/on-call/rehearsal/{rehearsal_id}                  401  200  404  404  404  404  401  401  403  200  403
GET    /api/escalations                                       401  403  403  403  403  200  401  401  403  403  403
GET    /api/escalations/options                               401  200  200  200  200  200  401  401  200  200  403
POST   /api/escalations                                       401  403  403  403  403  200  401  401  403  403  403
PUT    /api/escalations/{escalation_id}                       401  403  403  403  403  200  401  401  403  403  403
DELETE /api/escalations/{escalation_id}                       401  403  403  403  403  200  401  401  403  403  403

GET    /api/channels                                          401  403  403  403  403  200  401  401  403  403  403
GET    /api/channels/kinds                                    401  200  200  200  200  200  401  401  200  200  403
POST   /api/channels                                          401  403  403  403  403  200  401  401  403  403  403
POST   /api/channels                          of_team         401  403  403  403  403  200  401  401  403  403  403
POST   /api/channels                          of_server       401  403  403  403  403  200  401  401  403  403  403
POST   /api/channels                          of_check        401  403  403  403  403  200  401  401  403  403  403
PUT    /api/channels/{channel_id}                             401  403  403  403  403  200  401  401  403  403  403
PUT    /api/channels/{channel_id}             of_team         401  403  403  403  403  200  401  401  403  403  403
PUT    /api/channels/{channel_id}             of_server       401  403  403  403  403  200  401  401  403  403  403
PUT    /api/channels/{channel_id}             of_check        401  403  403  403  403  200  401  401  403  403  403
DELETE /api/channels/{channel_id}                             401  403  403  403  403  200  401  401  403  403  403
POST   /api/channels/{channel_id}/test                        401  403  403  403  403  200  401  401  403  403  403
GET    /api/notifications                                     401  403  403  403  403  200  401  401  403  403  403
POST   /api/notifications/{notification_id}/retry             401  403  403  403  403  200  401  401  403  403  403
GET    /api/settings                                          401  403  403  403  403  200  401  401  403  403  403
PUT    /api/settings                                          401  403  403  403  403  200  401  401  403  403  403
GET    /api/settings/mail                                     401  403  403  403  403  200  401  401  403  403  403
PUT    /api/settings/mail                                     401  403  403  403  403  200  401  401  403  403  403
POST   /api/settings/mail/test                                401  403  403  403  403  400  401  401  403  403  403

GET    /api/config                                            401  403  403  403  403  200  401  401  403  403  403
POST   /api/config/plan                                       401  403  403  403  403  200  401  401  403  403  403
GET    /api/config/plan/{plan_id}                             401  403  403  403  403  200  401  401  403  403  403
DELETE /api/config/plan/{plan_id}                             401  403  403  403  403  200  401  401  403  403  403
POST   /api/config/apply                                      401  403  403  403  403  200  401  401  403  403  403

GET    /api/cluster                                           401  403  403  403  403  200  401  401  403  403  403
GET    /api/audit                                             401  403  403  403  403  200  401  401  403  403  403
GET    /api/audit/export                                      401  403  403  403  403  200  401  401  403  403  403

GET    /healthz                                               200  200  200  200  200  200  200  200  200  200  200
GET    /readyz                                                200  200  200  200  200  200  200  200  200  200  200
"""

UNDOCUMENTED = {
    "/": 302,
    "/ack/page.css": 200,
    "/ack/{token:str}": 404,
    "/ack/{token:str}/silence": 405,
    "/agent/install.sh": 200,
    "/agent/monitor-agent.pyz": 200,
    "/metrics": 401,
    "/schema": 200,
    "/schema/openapi.json": 200,
    "/schema/start.js": 200,
    "/schema/files/{name:str}": 404,
    "/schema/{path:str}": 404,
}
"""Routes outside of the API, and the status of a GET from another host."""


def _rows() -> list[Row]:
    rows = []
    for line in _TABLE.splitlines():
        if line and not line.startswith("#"):
            words = line.split()
            method, path, variant = (*words[: -len(CALLERS)], "")[:3]
            statuses = dict(zip(CALLERS, map(int, words[-len(CALLERS) :]), strict=True))
            rows.append(Row(f"{method} {path}", variant, statuses))
    return rows


ROWS = _rows()
