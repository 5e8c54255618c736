use std::net::SocketAddr;
use std::path::PathBuf;

use super::addresses::{Addresses, ServiceAddress, free_address};
use super::distributed_options::{Service, ServiceEnv};
use crate::service_process::{Binary, ServiceSpec};

/// The stores as the services see them, and what else they are told.
pub(super) struct Settings {
    pub(super) pg_dsn: String,
    pub(super) redis: SocketAddr,
    pub(super) amqp_url: String,
    pub(super) queue_name: String,
    pub(super) env: Vec<ServiceEnv>,
    pub(super) log_directory: Option<PathBuf>,
}

pub(super) struct Specs {
    pub(super) users: [ServiceSpec; 2],
    pub(super) availability: [ServiceSpec; 2],
    pub(super) suggestion: ServiceSpec,
    pub(super) worker_api: ServiceSpec,
    pub(super) worker_consumer: ServiceSpec,
}

impl Settings {
    pub(super) fn specs(&self, at: &Addresses) -> anyhow::Result<Specs> {
        let [user_1, user_2] = at.users;
        let [availability_1, availability_2] = at.availability;
        Ok(Specs {
            users: [self.user("user-service-1", user_1)?, self.user("user-service-2", user_2)?],
            availability: [
                self.availability("availability-service-1", availability_1, at)?,
                self.availability("availability-service-2", availability_2, at)?,
            ],
            suggestion: self.suggestion(at)?,
            worker_api: self.worker(Service::WorkerApi, "api", at.worker_api, at)?,
            worker_consumer: self.worker(
                Service::WorkerConsumer,
                "consumer",
                ServiceAddress::choose()?,
                at,
            )?,
        })
    }

    fn user(&self, name: &str, listen: ServiceAddress) -> anyhow::Result<ServiceSpec> {
        let spec = ServiceSpec::new(Binary::UserService)
            .env("PG_DSN", &self.pg_dsn)
            .env("REDIS_HOST", self.redis.ip())
            .env("REDIS_PORT", self.redis.port());
        self.finish(spec, Service::User, name, listen)
    }

    fn availability(
        &self,
        name: &str,
        listen: ServiceAddress,
        at: &Addresses,
    ) -> anyhow::Result<ServiceSpec> {
        let spec = ServiceSpec::new(Binary::AvailabilityService).env("USER_SERVICE_BASE", at.users_base());
        self.finish(spec, Service::Availability, name, listen)
    }

    fn suggestion(&self, at: &Addresses) -> anyhow::Result<ServiceSpec> {
        let spec = ServiceSpec::new(Binary::SuggestionService)
            .env("AVAILABILITY_SERVICE_BASE", at.availability_base());
        self.finish(spec, Service::Suggestion, "suggestion-service", at.suggestion)
    }

    fn worker(
        &self,
        service: Service,
        role: &str,
        listen: ServiceAddress,
        at: &Addresses,
    ) -> anyhow::Result<ServiceSpec> {
        let spec = ServiceSpec::new(Binary::WorkerService)
            .arg("--role")
            .arg(role)
            .env("PG_DSN", &self.pg_dsn)
            .env("RABBITMQ_URL", &self.amqp_url)
            .env("QUEUE_NAME", &self.queue_name)
            .env("SUGGESTION_BASE", at.suggestion_base());
        self.finish(spec, service, &format!("worker-service-{role}"), listen)
    }

    fn finish(
        &self,
        spec: ServiceSpec,
        service: Service,
        name: &str,
        listen: ServiceAddress,
    ) -> anyhow::Result<ServiceSpec> {
        let mut spec = spec.name(name);
        spec.listen = listen.api;
        spec.public_listen = Some(listen.public);
        spec.ops_listen = free_address()?;
        spec.log_file = self.log_directory.as_ref().map(|directory| directory.join(format!("{name}.log")));
        for more in &self.env {
            if more.service.is_none_or(|wanted| wanted == service) {
                spec = spec.env(&more.name, &more.value);
            }
        }
        Ok(spec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(env: Vec<ServiceEnv>) -> Settings {
        Settings {
            pg_dsn: "postgres://db".to_owned(),
            redis: ([127, 0, 0, 1], 6379).into(),
            amqp_url: "amqp://broker".to_owned(),
            queue_name: "jobs".to_owned(),
            env,
            log_directory: Some(PathBuf::from("/logs")),
        }
    }

    fn value<'a>(spec: &'a ServiceSpec, name: &str) -> Option<&'a str> {
        spec.env.iter().rev().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn each_service_finds_the_next_through_its_balancer() {
        let at = Addresses::choose(None).unwrap();
        let specs = settings(Vec::new()).specs(&at).unwrap();
        assert_eq!(value(&specs.availability[0], "USER_SERVICE_BASE"), Some(at.users_base().as_str()));
        assert_eq!(
            value(&specs.suggestion, "AVAILABILITY_SERVICE_BASE"),
            Some(at.availability_base().as_str())
        );
        assert_eq!(value(&specs.worker_consumer, "SUGGESTION_BASE"), Some(at.suggestion_base().as_str()));
        assert_eq!(specs.worker_api.args, ["--role", "api"]);
        assert_eq!(specs.users[1].log_file, Some(PathBuf::from("/logs/user-service-2.log")));
    }

    #[test]
    fn a_variable_goes_to_its_service_and_wins() {
        let more = ServiceEnv {
            service: Some(Service::WorkerConsumer),
            name: "QUEUE_NAME".to_owned(),
            value: "other".to_owned(),
        };
        let specs = settings(vec![more]).specs(&Addresses::choose(None).unwrap()).unwrap();
        assert_eq!(value(&specs.worker_consumer, "QUEUE_NAME"), Some("other"));
        assert_eq!(value(&specs.worker_api, "QUEUE_NAME"), Some("jobs"));
    }
}
