use std::env;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::CALENDAR_NETWORKS;
use super::addresses::{Addresses, ServiceAddress};
use super::distributed_options::{Service, ServiceEnv};
use crate::ports::free_address;
use crate::service_process::ServiceSpec;

/// The stores as the services see them, and what else they are told.
pub(super) struct Settings {
    pub(super) pg_dsn: String,
    pub(super) redis: SocketAddr,
    pub(super) amqp_url: String,
    pub(super) queue_name: String,
    pub(super) env: Vec<ServiceEnv>,
    pub(super) log_directory: Option<PathBuf>,
    pub(super) used_by_people: bool,
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
        let user = |name: &str, address| {
            self.finish(
                ServiceSpec::user_service(&self.pg_dsn, self.redis)
                    .name(name)
                    .env("CALENDAR_NETWORKS", CALENDAR_NETWORKS),
                Service::User,
                address,
            )
        };
        let availability = |name: &str, address| {
            let spec = ServiceSpec::availability_service(&at.users_base()).name(name);
            self.finish(spec, Service::Availability, address)
        };
        let worker = |service, role, address| {
            let Settings { pg_dsn, amqp_url, queue_name, .. } = self;
            let spec = ServiceSpec::worker_service(role, pg_dsn, amqp_url, queue_name, &at.suggestion_base())
                .env("USER_SERVICE_BASE", at.users_base())
                // Mails go there, as there is no mail server.
                .env("DATA_DIR", env::temp_dir().join("w2meet-data-of-workers").display().to_string())
                .env("CALENDAR_NETWORKS", CALENDAR_NETWORKS);
            self.finish(spec, service, address)
        };
        let [user_1, user_2] = at.users;
        let [availability_1, availability_2] = at.availability;
        Ok(Specs {
            users: [user("user-service-1", user_1)?, user("user-service-2", user_2)?],
            availability: [
                availability("availability-service-1", availability_1)?,
                availability("availability-service-2", availability_2)?,
            ],
            suggestion: self.finish(
                ServiceSpec::suggestion_service(&at.availability_base()),
                Service::Suggestion,
                at.suggestion,
            )?,
            worker_api: worker(Service::WorkerApi, "api", at.worker_api)?,
            worker_consumer: worker(Service::WorkerConsumer, "consumer", ServiceAddress::choose()?)?,
        })
    }

    fn finish(
        &self,
        mut spec: ServiceSpec,
        service: Service,
        address: ServiceAddress,
    ) -> anyhow::Result<ServiceSpec> {
        spec.listen = address.api;
        spec.public_listen = Some(address.public);
        spec.ops_listen = free_address()?;
        spec.used_by_people = self.used_by_people;
        let directory = self.log_directory.as_ref();
        spec.log_file = directory.map(|directory| directory.join(format!("{}.log", spec.name)));
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
            used_by_people: false,
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
        assert_eq!(value(&specs.worker_api, "USER_SERVICE_BASE"), Some(at.users_base().as_str()));
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
