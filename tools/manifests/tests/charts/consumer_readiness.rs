//! What a consumer waits for until it is ready, as far as the charts decide on it: messages wait meanwhile.

use crate::render::{containers, name, pods, variants};

#[test]
fn nothing_but_its_process_keeps_a_consumer_from_being_ready() {
    for (variant, rendered) in variants() {
        let pods = pods(&rendered.objects);
        let consumers = pods.iter().filter(|(found, _)| name(found).ends_with("-consumer"));
        let [(_, pod)] = consumers.collect::<Vec<_>>()[..] else { panic!("{variant} has no consumer") };
        let [container] = containers(pod)[..] else { panic!("{variant}: other containers come first") };
        // A node that has the image asks no registry.
        assert_eq!(container["imagePullPolicy"], "IfNotPresent", "{variant}");
        // The other probes would begin after this one.
        assert!(container.get("startupProbe").is_none(), "{variant}");
        let probe = &container["readinessProbe"];
        assert_eq!(probe["periodSeconds"], 1, "{variant}");
        for later in ["initialDelaySeconds", "successThreshold"] {
            assert!(probe.get(later).is_none(), "{variant}: {later}");
        }
    }
}
