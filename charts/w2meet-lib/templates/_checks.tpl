{{/* What no schema can say: values that only Kubernetes, or the program that reads them, would refuse. Each names the values. */}}

{{/* Names are made from the release's, and the name of a Service begins with a letter and has no dot. */}}
{{- define "w2meet-lib.checkRelease" -}}
{{- if gt (len .Release.Name) 36 -}}
{{- fail (printf "the release's name %q is longer than 36 characters; names made from it would be too long" .Release.Name) -}}
{{- end -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" .Release.Name) -}}
{{- fail (printf "the release's name %q does not begin with a letter, or has more than a-z, 0-9 and - in it; the Services named after it would be refused" .Release.Name) -}}
{{- end -}}
{{- if not (regexMatch "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" .Release.Namespace) -}}
{{- fail (printf "the namespace %q is no name that Kubernetes takes: 1 to 63 of a-z, 0-9 and -" .Release.Namespace) -}}
{{- end -}}
{{- end -}}

{{/* That a number is not below another: root, value, name, least, leastName; with `times`, not below so many times it. */}}
{{- define "w2meet-lib.checkAtLeast" -}}
{{- if lt (int .value) (mul (int .least) (.times | default 1) | int) -}}
{{- fail (printf "%s: %s %d is less than %s%s %d" .root.Chart.Name .name (int .value) (ternary "twice " "" (eq (int .times) 2)) .leastName (int .least)) -}}
{{- end -}}
{{- end -}}

{{/* The resources of a container as YAML, of which none is asked for beyond its limit: root, resources, name. */}}
{{- define "w2meet-lib.resources" -}}
{{- range $resource, $asked := .resources.requests | default dict -}}
{{- $limit := get ($.resources.limits | default dict) $resource -}}
{{- if and (ne (toString $limit) "") (gt (include "w2meet-lib.quantity" $asked | float64) (include "w2meet-lib.quantity" $limit | float64)) -}}
{{- fail (printf "%s: resources.requests.%s %v is more than resources.limits.%s %v" $.root.Chart.Name $resource $asked $resource $limit) -}}
{{- end -}}
{{- end -}}
{{- toYaml .resources -}}
{{- end -}}

{{/* A quantity such as 128Mi as a plain number. */}}
{{- define "w2meet-lib.quantity" -}}
{{- $factors := dict "m" 0.001 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "Pi" 1125899906842624 "Ei" 1152921504606846976 -}}
{{- $text := toString . -}}
{{- mulf (regexFind "^[0-9.]+" $text | float64) (get $factors (regexFind "[A-Za-z]+$" $text) | default 1 | float64) -}}
{{- end -}}
