CREATE TABLE notes (
    name TEXT NOT NULL PRIMARY KEY,
    big BIGINT NOT NULL,
    remark TEXT
);
