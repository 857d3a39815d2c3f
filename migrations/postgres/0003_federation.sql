-- Federation: limits of single sessions, switches that hold on every node, and grants of institutions.
-- Texts are compared byte for byte (COLLATE "C": the collation of the database may be any). Times are unix seconds.

-- Over at this moment at the latest, whatever the configured lifetimes say; NULL for most.
ALTER TABLE session ADD COLUMN ends_at BIGINT;
CREATE INDEX session_ends_at ON session (ends_at) WHERE ends_at IS NOT NULL;

-- Entries that somebody switched off by command: a provider by its suffix in small letters, a service by
-- its name.
CREATE TABLE switch (
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('provider', 'service')),
    name TEXT COLLATE "C" NOT NULL,
    disabled_at BIGINT NOT NULL,
    PRIMARY KEY (kind, name)
);

-- A proxy-granting ticket that an institution gave us for the person of a session, sealed.
CREATE TABLE upstream_grant (
    session TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES session (id) ON DELETE CASCADE,
    provider TEXT COLLATE "C" NOT NULL,
    grant_sealed TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

-- The same between its delivery and the answer that names its receipt. The id is the hash of the receipt.
CREATE TABLE upstream_receipt (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    provider TEXT COLLATE "C" NOT NULL,
    grant_sealed TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX upstream_receipt_expires_at ON upstream_receipt (expires_at);

-- The hash of the ticket that a return brought, and whether the institution ended its session before ours was
-- written.
ALTER TABLE handoff ADD COLUMN ticket TEXT COLLATE "C";
ALTER TABLE handoff ADD COLUMN ended BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX handoff_ticket ON handoff (ticket) WHERE ticket IS NOT NULL;
-- Who came back just now from an institution: asked before anything that it delivers is kept.
CREATE INDEX handoff_used_at ON handoff (provider, used_at) WHERE used_at IS NOT NULL;
