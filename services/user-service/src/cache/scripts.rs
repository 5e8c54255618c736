use redis::Script;

/// What Redis does in one step. They are loaded once for each connection.
#[derive(Debug)]
pub(super) struct Scripts {
    /// KEYS: value and token of each person. ARGV: TTL of values, then expected token and value of each person.
    pub(super) fill: Script,
    /// KEYS: value, token. ARGV: TTL of tokens, new token.
    pub(super) fence: Script,
    /// KEYS: value and token of each person. ARGV: TTL of tokens, new token, then the fence to lift of each person.
    pub(super) lift: Script,
}

impl Scripts {
    pub(super) fn new() -> Scripts {
        Scripts {
            fill: Script::new(
                r"
                for i = 1, #KEYS, 2 do
                    if (redis.call('GET', KEYS[i + 1]) or '') == ARGV[i + 1] then
                        redis.call('SET', KEYS[i], ARGV[i + 2], 'EX', ARGV[1])
                    end
                end",
            ),
            fence: Script::new(
                r"
                redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[1])
                redis.call('DEL', KEYS[1])",
            ),
            lift: Script::new(
                r"
                for i = 1, #KEYS, 2 do
                    local token = redis.call('GET', KEYS[i + 1]) or ''
                    redis.call('DEL', KEYS[i])
                    if token == ARGV[2 + (i + 1) / 2] or string.sub(token, 1, 8) ~= 'writing:' then
                        redis.call('SET', KEYS[i + 1], ARGV[2], 'EX', ARGV[1])
                    end
                end",
            ),
        }
    }

    pub(super) fn all(&self) -> [&Script; 3] {
        [&self.fill, &self.fence, &self.lift]
    }
}
