-- Texts are compared byte for byte (BINARY is the default here). Times are unix seconds.
CREATE TABLE session (
    id TEXT NOT NULL PRIMARY KEY,
    cookie TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    source_kind TEXT NOT NULL CHECK (source_kind IN ('provider', 'backend')),
    source TEXT NOT NULL,
    attributes TEXT NOT NULL,
    authenticated_at BIGINT NOT NULL,
    signed_in_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    long_term BOOLEAN NOT NULL,
    warn BOOLEAN NOT NULL,
    fresh_service TEXT,
    fresh_until BIGINT,
    ip TEXT NOT NULL,
    browser TEXT NOT NULL
);
CREATE INDEX session_last_seen ON session (last_seen);
CREATE INDEX session_signed_in_at ON session (signed_in_at);
CREATE INDEX session_person ON session (name, source, source_kind);

CREATE TABLE ticket (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    session TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    service TEXT NOT NULL,
    rule TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    taken_at BIGINT,
    renewed BOOLEAN NOT NULL,
    single_log_out BOOLEAN NOT NULL,
    slo_url TEXT,
    slo_text TEXT,
    user_name TEXT NOT NULL,
    attributes TEXT NOT NULL,
    authenticated_at BIGINT NOT NULL,
    long_term BOOLEAN NOT NULL
);
CREATE INDEX ticket_session ON ticket (session);
-- Small: a ticket leaves it when it is validated.
CREATE INDEX ticket_open ON ticket (expires_at) WHERE slo_text IS NULL;

CREATE TABLE handoff (
    id TEXT NOT NULL PRIMARY KEY,
    provider TEXT NOT NULL,
    url TEXT NOT NULL,
    protocol TEXT NOT NULL,
    browser TEXT NOT NULL,
    query TEXT NOT NULL,
    renew BOOLEAN NOT NULL,
    shared BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX handoff_expires_at ON handoff (expires_at);

CREATE TABLE used_form (
    id TEXT NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX used_form_expires_at ON used_form (expires_at);

CREATE TABLE federated_user (
    provider TEXT NOT NULL,
    name TEXT NOT NULL,
    attributes TEXT NOT NULL,
    first_login BIGINT NOT NULL,
    last_login BIGINT NOT NULL,
    PRIMARY KEY (provider, name)
);

CREATE TABLE upstream_session (
    provider TEXT NOT NULL,
    ticket TEXT NOT NULL,
    session TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    PRIMARY KEY (provider, ticket)
);
CREATE INDEX upstream_session_session ON upstream_session (session);

-- No reference to a session: a message outlives it.
CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    url TEXT NOT NULL,
    service TEXT NOT NULL,
    session_index TEXT NOT NULL,
    name_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    next_try BIGINT,
    tries BIGINT NOT NULL,
    last_answer TEXT,
    leased_until BIGINT
);
CREATE INDEX outbox_next_try ON outbox (next_try);

CREATE TABLE secret (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL
);
