-- People of our own, `kind = "accounts"`. Texts are compared byte for byte (COLLATE "C": the collation of the
-- database may be any). Times are unix seconds.
CREATE TABLE account (
    -- In canonical form.
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- A hash that names its scheme; empty: nobody can sign in with a password.
    password TEXT COLLATE "C" NOT NULL,
    active BOOLEAN NOT NULL,
    -- The password is good for choosing another one only.
    must_change BOOLEAN NOT NULL,
    -- JSON object, every value a list.
    attributes TEXT COLLATE "C" NOT NULL,
    joined_at BIGINT NOT NULL,
    password_at BIGINT NOT NULL,
    last_login BIGINT
);

-- The parameters of a sign-in say the same.
ALTER TABLE handoff DROP COLUMN shared;
