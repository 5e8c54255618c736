use axum::{Router, middleware::from_fn_with_state};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    ServeArgs,
    middleware::{RouteSettings, limits},
};

/// What a service answers, in groups that differ by what they accept.
#[derive(Default)]
pub struct Routes {
    usual: OpenApiRouter,
    special: OpenApiRouter,
    internal: OpenApiRouter,
    at_root: Router,
}

impl From<OpenApiRouter> for Routes {
    /// Routes with the usual settings: [`RouteSettings::new`].
    fn from(usual: OpenApiRouter) -> Routes {
        Routes { usual, ..Routes::default() }
    }
}

impl Routes {
    /// Adds routes with settings of their own.
    #[must_use]
    pub fn with(mut self, settings: RouteSettings, routes: OpenApiRouter) -> Routes {
        self.special = self.special.merge(limited(settings, routes));
        self
    }

    /// Adds routes for other services alone. They do not answer under the service's prefix, and gateways pass on nothing
    /// else; nor are they described for the public.
    #[must_use]
    pub fn internal(mut self, settings: RouteSettings, routes: OpenApiRouter) -> Routes {
        self.internal = self.internal.merge(limited(settings, routes));
        self
    }

    /// Adds routes at the root of every gateway, beside the services' prefixes: what is for people and no API. Only the
    /// default backend is asked for them.
    #[must_use]
    pub fn at_root(mut self, settings: RouteSettings, routes: Router) -> Routes {
        self.at_root = self.at_root.merge(routes.layer(from_fn_with_state(settings, limits)));
        self
    }

    /// These routes and others, each with the settings that they have.
    #[must_use]
    pub fn and(self, others: Routes) -> Routes {
        Routes {
            usual: self.usual.merge(others.usual),
            special: self.special.merge(others.special),
            internal: self.internal.merge(others.internal),
            at_root: self.at_root.merge(others.at_root),
        }
    }

    /// What the routes are for: the public ones with their description, the internal ones, and those at the root.
    pub(crate) fn into_parts(self, args: &ServeArgs) -> RouteParts {
        let public = limited(RouteSettings::new(args), self.usual).merge(self.special);
        let (public, openapi) = public.split_for_parts();
        RouteParts { public, openapi, internal: self.internal.into(), at_root: self.at_root }
    }
}

/// [`Routes`] by whom they are for.
pub(crate) struct RouteParts {
    pub(crate) public: Router,
    pub(crate) openapi: OpenApi,
    pub(crate) internal: Router,
    pub(crate) at_root: Router,
}

fn limited(settings: RouteSettings, routes: OpenApiRouter) -> OpenApiRouter {
    routes.layer(from_fn_with_state(settings, limits))
}
