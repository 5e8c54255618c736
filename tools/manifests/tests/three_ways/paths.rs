//! Paths as they stand in a request's first line, and who answers each of them.

use wire::DEFAULT_BACKEND;

/// The service that answers.
pub(crate) type Who = &'static str;

/// The one that gets what no route has.
const DEFAULT: Who = DEFAULT_BACKEND;
/// nginx itself, with an error.
pub(crate) const NGINX: Who = "nginx";
const USER: Who = "user-service";
const AVAILABILITY: Who = "availability-service";
const SUGGESTION: Who = "suggestion-service";
const WORKER: Who = "worker-service";

/// Paths that have the same end at every gateway.
pub(crate) const SAME: &[(&str, Who)] = &[
    // What the contract has.
    ("/users/users", USER),
    ("/users/users/ada@example.com", USER),
    ("/users/users/o'brien%2Btag@example.com", USER),
    ("/users/user-avail/cache-aside?user1email=ada@example.com", USER),
    ("/availability/availabilities?userId1=a@x.org&userId2=b@x.org", AVAILABILITY),
    ("/suggestion/suggestions?userId1=a@x.org&userId2=b@x.org", SUGGESTION),
    ("/worker/tasks", WORKER),
    ("/worker/tasks/01a20aa1-5065-74e6-9c3c-93d777a345bd", WORKER),
    ("/users/health", USER),
    ("/users/docs", USER),
    // A prefix without anything behind it.
    ("/users", USER),
    ("/users/", USER),
    ("/users?x=1", USER),
    ("/worker", WORKER),
    // What only looks like a prefix.
    ("/", DEFAULT),
    ("/?users", DEFAULT),
    ("/user", DEFAULT),
    ("/userss", DEFAULT),
    ("/users-x/users", DEFAULT),
    ("/users.json", DEFAULT),
    ("/users;x=1/users", DEFAULT),
    ("/x/users/users", DEFAULT),
    // Case counts.
    ("/Users/users", DEFAULT),
    ("/USERS/users", DEFAULT),
    ("/WORKER/tasks", DEFAULT),
    ("/HEALTH", DEFAULT),
    // What is not public: each of these is a 404.
    ("/metrics", DEFAULT),
    ("/livez", DEFAULT),
    ("/readyz", DEFAULT),
    ("/users/metrics", USER),
    ("/users/livez", USER),
    ("/worker/readyz", WORKER),
    ("/users/users/metrics", USER),
    // An encoded slash or line break stays what it is.
    ("/users/users/a%2Fb@example.com", USER),
    ("/users/users/a%0Ab", USER),
    ("/users/users/a%0D%0AX-Header:%20y", USER),
    ("/users%0A/users", DEFAULT),
    ("/users%20/users", DEFAULT),
    // Slashes behind the prefix belong to the service.
    ("/users//users", USER),
    ("/users/users//", USER),
    ("/users\\users", DEFAULT),
    // Dots that lead nowhere else.
    ("/users/./users", USER),
    ("/users/users/..", USER),
];

/// A path for which the gateways choose differently, and why that does no harm.
pub(crate) struct Different {
    pub(crate) path: &'static str,
    pub(crate) standalone: Who,
    pub(crate) dev: Who,
    pub(crate) ingress: Who,
    pub(crate) why: &'static str,
}

const DOTS: &str =
    "nginx chooses by the path without its dots and passes it on as it came, where no service knows it";
const REFUSED: &str = "nginx refuses what cannot be decoded, or decodes to a zero byte; so do the services";
const DECODED: &str =
    "nginx chooses by the decoded path and passes the path on as it came, where no service knows it";
const MERGED: &str =
    "ingress-nginx chooses by the path with slashes merged and passes it on as it came, as above";

/// What differs on purpose. The services never decode or shorten a path, so all of these end as a 4xx everywhere.
pub(crate) const DIFFERENT: &[Different] = &[
    Different { path: "/worker%2Ftasks", standalone: DEFAULT, dev: WORKER, ingress: WORKER, why: DECODED },
    Different { path: "/%77orker/tasks", standalone: DEFAULT, dev: WORKER, ingress: WORKER, why: DECODED },
    Different { path: "/users/../worker/tasks", standalone: USER, dev: WORKER, ingress: WORKER, why: DOTS },
    Different {
        path: "/users/%2e%2e/worker/tasks",
        standalone: USER,
        dev: WORKER,
        ingress: WORKER,
        why: DOTS,
    },
    Different { path: "/worker/../users/metrics", standalone: WORKER, dev: USER, ingress: USER, why: DOTS },
    Different { path: "/worker/..", standalone: WORKER, dev: DEFAULT, ingress: DEFAULT, why: DOTS },
    Different { path: "/./worker/tasks", standalone: DEFAULT, dev: WORKER, ingress: WORKER, why: DOTS },
    Different { path: "/worker%2F", standalone: DEFAULT, dev: WORKER, ingress: WORKER, why: DECODED },
    Different { path: "/users/%00", standalone: USER, dev: NGINX, ingress: NGINX, why: REFUSED },
    Different { path: "/users/%zz", standalone: USER, dev: NGINX, ingress: NGINX, why: REFUSED },
    Different { path: "/%2Fworker/tasks", standalone: DEFAULT, dev: DEFAULT, ingress: WORKER, why: MERGED },
    Different { path: "//worker/tasks", standalone: DEFAULT, dev: DEFAULT, ingress: WORKER, why: MERGED },
    Different { path: "//health", standalone: DEFAULT, dev: DEFAULT, ingress: AVAILABILITY, why: MERGED },
];
