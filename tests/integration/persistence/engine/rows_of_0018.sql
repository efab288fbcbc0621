-- Written by the last version before revision 0019: an alert that fires, one that ended, notifications still to be sent,
-- and peer updates of a process that still runs the old version.
INSERT INTO users (id, username, password, role, created_at, username_key, email, locale, token_version, has_default_password, has_common_password, alert_level, has_temporary_password)
  VALUES (1, 'ann', 'hash', 'admin', '2030-01-01 12:00:00', 'ann', 'ann@example.com', 'zh-CN', 1, 0, 0, 'warning', 0);
INSERT INTO servers (id, server_name, ip_address, port, status, created_at)
  VALUES (1, 'web', '192.0.2.1', 22, 'offline', '2030-01-01 12:00:00');
INSERT INTO server_users (user_id, server_id)
  VALUES (1, 1);
INSERT INTO channels (id, name, kind, settings, least_level, enabled, created_at)
  VALUES (1, 'team', 'email', '{"address": "team@example.com"}', 'warning', 1, '2030-01-01 12:00:00.000000');
INSERT INTO alert_policies (id, metric, scope_key, warning, critical, direction, sustained_for, clear_margin, clear_for, enabled)
  VALUES (1, 'cpu', 'everything', 70.0, 85.0, 'above', 300.0, 5.0, 60.0, 1);
INSERT INTO alerts (id, server_id, metric, level, state, value, threshold, started_at, fired_at, resolved_at, last_told_at, late, flapping, peak_level, peak_value, peak_at)
  VALUES (1, 1, 'memory', 'warning', 'resolved', 75.5, 70.0, '2030-01-01 11:55:00.000000', '2030-01-01 12:00:00.000000', '2030-01-01 12:01:00.000000', '2030-01-01 12:00:00.000000', 0, 0, 'warning', 75.5, '2030-01-01 12:00:00.000000');
INSERT INTO alerts (id, server_id, policy_id, metric, level, state, value, threshold, started_at, fired_at, last_told_at, late, flapping, peak_level, peak_value, peak_at)
  VALUES (2, 1, 1, 'cpu', 'critical', 'firing', 97.0, 70.0, '2030-01-01 11:55:00.000000', '2030-01-01 12:00:00.000000', '2030-01-01 12:00:00.000000', 0, 0, 'critical', 97.0, '2030-01-01 12:00:00.000000');
INSERT INTO alert_timeline (id, alert_id, at, happening, level, value)
  VALUES (1, 2, '2030-01-01 12:00:00.000000', 'fired', 'warning', 75.5);
INSERT INTO alert_timeline (id, alert_id, at, happening, username, recipient, channel)
  VALUES (2, 2, '2030-01-01 12:00:00.000000', 'notified', 'ann', 'ann@example.com', 'email');
INSERT INTO alert_timeline (id, alert_id, at, happening, level, value)
  VALUES (3, 2, '2030-01-01 12:01:00.000000', 'escalated', 'critical', 97.0);
INSERT INTO alert_states (server_id, metric, policy_id, alert_id, level, seen, version, worst, worst_at)
  VALUES (1, 'cpu', 1, 2, 'critical', 1893499260000000, 560940468, 97.0, 1893499260000000);
INSERT INTO notifications (id, alert_id, event_id, user_id, target, happening, server_id, server_name, ip_address, metric, level, value, note, created_at, delivery, not_before, attempts, last_error, address, message_id, sent_at)
  VALUES (1, 2, 1, 1, 'user:1', 'fired', 1, 'web', '192.0.2.1', 'cpu', 'warning', 75.5, '', '2030-01-01 12:00:00.000000', 'sent', '2030-01-01 12:00:00.000000', 1, '', 'ann@example.com', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '2030-01-01 12:00:00.000000');
INSERT INTO notifications (id, alert_id, event_id, user_id, target, happening, server_id, server_name, ip_address, metric, level, value, note, created_at, delivery, not_before, attempts, last_error, address, message_id)
  VALUES (2, 2, 3, 1, 'user:1', 'escalated', 1, 'web', '192.0.2.1', 'cpu', 'critical', 97.0, '', '2030-01-01 12:01:00.000000', 'pending', '2030-01-01 12:01:00.000000', 0, '', '', '');
INSERT INTO notifications (id, alert_id, event_id, channel_id, target, happening, server_id, server_name, ip_address, metric, level, value, note, created_at, delivery, not_before, attempts, last_error, address, message_id)
  VALUES (3, 2, 3, 1, 'channel:1', 'escalated', 1, 'web', '192.0.2.1', 'cpu', 'critical', 97.0, '', '2030-01-01 12:01:00.000000', 'pending', '2030-01-01 12:02:00.000000', 1, 'answered 502', '', '');
INSERT INTO monitor_data (id, server_id, ip_address, cpu_value, memory_value, disk_value, recorded_at, received_at)
  VALUES (1, 1, '192.0.2.1', 12.34, 56.78, 90, '2030-01-01 12:00:00.000000', '2030-01-01 12:00:00.000000');
INSERT INTO bulletins (process, number, data)
  VALUES ('old-process', 1, X'78018b8e36d4012225230363035d0343200a3134b2323000a228255cc286467ac6263aa6667ae6163a96067a063a79a5393910223a3616972eb8a2d858000b101c44');
INSERT INTO bulletins (process, number, data)
  VALUES ('old-process', 2, X'78018b8e0500011500b9');
INSERT INTO heartbeats (process, number)
  VALUES ('old-process', 1);
