-- Remembered sessions, services that a person need not be asked about again, proxy tickets, and what a page
-- after signing out tells. Texts are compared byte for byte (COLLATE "C": the collation of the database may be any).
-- Times are unix seconds.
ALTER TABLE session ADD COLUMN remembered BOOLEAN NOT NULL DEFAULT FALSE;
-- JSON list of the names of services.
ALTER TABLE session ADD COLUMN unasked TEXT COLLATE "C" NOT NULL DEFAULT '[]';

-- The ticket that this one was born from.
ALTER TABLE ticket ADD COLUMN parent TEXT COLLATE "C";
-- JSON list of the proxies, most recent first; NULL for none.
ALTER TABLE ticket ADD COLUMN proxies TEXT COLLATE "C";

-- By the receipt of a sign-out its page finds the messages, also those that were told.
ALTER TABLE outbox ADD COLUMN receipt TEXT COLLATE "C";
ALTER TABLE outbox ADD COLUMN told_at BIGINT;
CREATE INDEX outbox_receipt ON outbox (receipt) WHERE receipt IS NOT NULL;

-- What a page after signing out shows besides. The id is the hash of the receipt.
CREATE TABLE sign_out (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL,
    page TEXT COLLATE "C" NOT NULL
);
CREATE INDEX sign_out_created_at ON sign_out (created_at);

-- When a ticket was last issued for a service, to the sweep; at first when it was first known.
CREATE TABLE service_use (
    rule TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    last_used BIGINT NOT NULL
);
