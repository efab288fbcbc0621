"""Yardstick: a straightforward implementation of the same API with Flask, Flask-SQLAlchemy and gunicorn.

Each POST looks up the key and the server, inserts one row through the ORM and commits, reads the thresholds, and for a
value over one looks for an open alert before it adds one. Nothing is cached or batched. On the measured routes its
responses equal the product's.

It runs in the benchmark's own environment, imports nothing of the project, and is not type-checked.
"""

import os
from datetime import datetime, timedelta

from flask import Flask, jsonify, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func

API_KEY = "k" * 40
VALUES = ("cpu_value", "memory_value", "disk_value")

app = Flask(__name__)
app.config.update(
    SQLALCHEMY_DATABASE_URI=os.environ["BASELINE_DB"],
    SQLALCHEMY_ENGINE_OPTIONS={"pool_recycle": 3600},
)
db = SQLAlchemy(app)


class ApiKey(db.Model):
    __tablename__ = "api_keys"
    id = db.Column(db.Integer, primary_key=True)
    key = db.Column(db.String(64), nullable=False, unique=True)
    is_active = db.Column(db.Boolean, nullable=False, default=True)


class Server(db.Model):
    __tablename__ = "servers"
    id = db.Column(db.Integer, primary_key=True)
    server_name = db.Column(db.String(100), nullable=False)
    ip_address = db.Column(db.String(45), nullable=False, unique=True)
    status = db.Column(db.String(20), nullable=False, default="offline")


class MonitorData(db.Model):
    __tablename__ = "monitor_data"
    id = db.Column(db.BigInteger().with_variant(db.Integer, "sqlite"), primary_key=True)
    server_id = db.Column(db.Integer, db.ForeignKey("servers.id"), nullable=False, index=True)
    ip_address = db.Column(db.String(45), nullable=False)
    cpu_value = db.Column(db.Numeric(5, 2), nullable=False)
    memory_value = db.Column(db.Numeric(5, 2), nullable=False)
    disk_value = db.Column(db.Numeric(5, 2), nullable=False)
    recorded_at = db.Column(db.DateTime, nullable=False, index=True, default=datetime.utcnow)

    def as_json(self):
        return {
            "id": self.id,
            "server_id": self.server_id,
            "ip_address": self.ip_address,
            "cpu_value": float(self.cpu_value),
            "memory_value": float(self.memory_value),
            "disk_value": float(self.disk_value),
            "recorded_at": self.recorded_at.strftime("%Y-%m-%d %H:%M:%S"),
        }


class Threshold(db.Model):
    __tablename__ = "thresholds"
    id = db.Column(db.Integer, primary_key=True)
    metric = db.Column(db.String(20), nullable=False)
    critical = db.Column(db.Numeric(5, 2), nullable=False)


class Alert(db.Model):
    __tablename__ = "alerts"
    id = db.Column(db.Integer, primary_key=True)
    server_id = db.Column(db.Integer, db.ForeignKey("servers.id"), nullable=False, index=True)
    metric = db.Column(db.String(20), nullable=False)
    value = db.Column(db.Numeric(5, 2), nullable=False)
    resolved = db.Column(db.Boolean, nullable=False, default=False)


@app.post("/api/monitor/data")
def take_sample():
    sent_key = request.headers.get("X-API-Key")
    if not sent_key or ApiKey.query.filter_by(key=sent_key, is_active=True).first() is None:
        return envelope(401, "invalid API key")
    sent = request.get_json(silent=True) or {}
    metrics = sent.get("metrics") or {}
    if "ip_address" not in sent or any(not 0 <= float(metrics.get(name, -1)) <= 100 for name in VALUES):
        return envelope(400, "bad request")
    server = Server.query.filter_by(ip_address=sent["ip_address"]).first()
    if server is None:
        return envelope(404, "unknown server")
    sample = MonitorData(server_id=server.id, ip_address=server.ip_address, recorded_at=datetime.utcnow())
    for name in VALUES:
        setattr(sample, name, metrics[name])
    db.session.add(sample)
    db.session.commit()
    stored = sample.as_json()
    raise_alerts(server, metrics)
    return envelope(200, "ok", stored)


def raise_alerts(server, metrics):
    raised = False
    for threshold in Threshold.query.all():
        value = metrics[f"{threshold.metric}_value"]
        if value < float(threshold.critical):
            continue
        open_one = Alert.query.filter_by(server_id=server.id, metric=threshold.metric, resolved=False).first()
        if open_one is None:
            db.session.add(Alert(server_id=server.id, metric=threshold.metric, value=value))
            raised = True
    if raised:
        db.session.commit()


@app.get("/api/monitor/stats")
def stats():
    """Return each server's newest sample by the usual MAX(id) … GROUP BY. Most time is spent in the ORM."""
    newest = db.session.query(func.max(MonitorData.id).label("id")).group_by(MonitorData.server_id).subquery()
    found = (
        db.session.query(MonitorData, Server)
        .join(newest, MonitorData.id == newest.c.id)
        .join(Server, Server.id == MonitorData.server_id)
        .all()
    )
    data = {
        "total_servers": Server.query.count(),
        "latest_data": [{**sample.as_json(), "server_name": server.server_name} for sample, server in found],
        "alert_count": Alert.query.filter_by(resolved=False).count(),
    }
    return envelope(200, "ok", data)


@app.get("/api/monitor/data")
def history():
    """Return all samples of one server in the last *hours*."""
    since = datetime.utcnow() - timedelta(hours=int(request.args.get("hours", 24)))
    found = (
        MonitorData.query.filter(MonitorData.server_id == int(request.args["server_id"]))
        .filter(MonitorData.recorded_at >= since)
        .order_by(MonitorData.recorded_at)
        .all()
    )
    return envelope(200, "ok", [sample.as_json() for sample in found])


def envelope(code, msg, data=None):
    return jsonify(code=code, msg=msg, data=data), code


@app.cli.command("seed")
def seed():
    """Create tables, the key, three thresholds, and BASELINE_SERVERS servers from 10.0.0.0 upward."""
    db.drop_all()
    db.create_all()
    db.session.add(ApiKey(key=API_KEY))
    db.session.add_all(Threshold(metric=metric, critical=90) for metric in ("cpu", "memory", "disk"))
    for number in range(int(os.environ.get("BASELINE_SERVERS", "1000"))):
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        db.session.add(Server(server_name=f"srv{number}", ip_address=address))
    db.session.commit()
