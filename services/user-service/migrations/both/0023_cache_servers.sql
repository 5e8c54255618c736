-- Which servers of the shared cache all replicas use, where one may take over from another. One row.
CREATE TABLE cache_servers (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    -- Goes up with each change of the servers.
    agreement BIGINT NOT NULL,
    -- The ids of their processes.
    servers TEXT NOT NULL,
    -- 1 once nothing is left in them from before this agreement.
    is_clean BIGINT NOT NULL
);
