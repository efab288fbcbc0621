-- The account by which HAProxy asks a node whether it can write. It has no password and no privileges.
CREATE USER IF NOT EXISTS 'haproxy'@'172.30.83.%';
