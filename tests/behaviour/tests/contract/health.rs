//! `/health` of each service.

use behaviour::{SERVICES, Stage};

behaviour::in_every_form![each_service_reports_its_dependencies];

async fn each_service_reports_its_dependencies(stage: &Stage) -> anyhow::Result<()> {
    for service in SERVICES {
        let report = stage.api.get(&format!("{}/health", service.prefix)).await?.is(200).json();
        let names: Vec<&String> = report.as_object().unwrap().keys().collect();
        assert_eq!(names, ["case_id", "dependencies", "service", "status"]);
        assert_eq!(report["service"], service.name);
        assert_eq!(report["status"], "healthy", "{report}");
        let dependencies = report["dependencies"].as_object().unwrap();
        for (name, dependency) in dependencies {
            assert_eq!(dependency["status"], "healthy", "{name}");
            let time = dependency["response_time_ms"].as_f64().unwrap();
            assert!((0.0..5_000.0).contains(&time), "{name}: {time}");
        }
        assert_eq!(
            dependencies.keys().collect::<Vec<_>>(),
            service.dependencies,
            "the same for embedded stores"
        );
    }
    Ok(())
}
