//! Which path goes to which service.

use wire::{DEFAULT_BACKEND, GATEWAY_HEALTH_BACKEND, ROUTES, Route};

fn service(path: &str) -> Option<&'static str> {
    Route::of(path).map(|route| route.service)
}

#[test]
fn the_first_segment_decides() {
    for path in ["/users", "/users/", "/users/users/a%2Fb", "/users//double", "/users/../worker/tasks"] {
        assert_eq!(service(path), Some("user-service"), "{path}");
    }
    assert_eq!(service("/availability/availabilities"), Some("availability-service"));
    assert_eq!(service("/suggestion/suggestions"), Some("suggestion-service"));
    assert_eq!(service("/worker/tasks"), Some("worker-service"));
}

#[test]
fn what_only_looks_like_a_prefix_goes_nowhere() {
    for path in [
        "",
        "*",
        "/",
        "//users",
        "/userss",
        "/Users",
        "/users%2Fusers",
        "/%75sers",
        "/health",
        "users",
        "/x/users",
    ] {
        assert_eq!(service(path), None, "{path}");
    }
}

#[test]
fn prefixes_are_one_segment_of_letters_and_each_backend_is_one_of_the_services() {
    for route in ROUTES {
        assert!(route.prefix.starts_with('/'), "{route:?}");
        assert!(route.segment().bytes().all(|byte| byte.is_ascii_lowercase()), "{route:?}");
        assert_eq!(ROUTES.iter().filter(|other| other.prefix == route.prefix).count(), 1, "{route:?}");
    }
    for backend in [DEFAULT_BACKEND, GATEWAY_HEALTH_BACKEND] {
        assert!(ROUTES.iter().any(|route| route.service == backend), "{backend}");
    }
}
