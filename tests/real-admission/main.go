// Compiles exported policies with the code of the API server, and holds its verdicts against those of the scanner.
//
//	real-admission FOLDER MINOR...
//
// FOLDER holds what the test `cases_for_a_real_evaluator` of tests/admission.rs writes. Each MINOR is a version of
// Kubernetes, 30 for 1.30, that the expressions are compiled for. Ends with 1 where anything differs.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"

	v1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/version"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/apiserver/pkg/admission"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/cel/environment"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

// One object, and the rules that the scanner tells of it.
type Case struct {
	Psa     string
	Object  map[string]any
	Refused []string
}

// What an API server is given: the object as its type, if it has one, and what it is called.
type request struct {
	object    runtime.Object
	kind      schema.GroupVersionKind
	resource  schema.GroupVersionResource
	namespace string
	name      string
}

type policy struct {
	manifest  *v1.ValidatingAdmissionPolicy
	validator validating.Validator
}

var failures int

func fail(format string, arguments ...any) {
	failures++
	if failures <= 40 {
		fmt.Printf("FAILED: "+format+"\n", arguments...)
	}
}

func main() {
	folder := os.Args[1]
	cases := read(filepath.Join(folder, "cases.jsonl"))
	files, _ := filepath.Glob(filepath.Join(folder, "policies-*.yaml"))
	for _, minor := range os.Args[2:] {
		number, err := strconv.ParseUint(minor, 10, 32)
		check(err)
		one(files, cases, version.MajorMinor(1, uint(number)))
	}
	whole(filepath.Join(folder, "policies-"+latest(files)+".yaml"), latest(files), cases)
	if failures > 0 {
		fmt.Println(failures, "failures")
		os.Exit(1)
	}
}

// Evaluates every policy over every object that it is asked about.
func one(files []string, cases []Case, compatible *version.Version) {
	env := environment.MustBaseEnvSet(compatible)
	policies := map[string][]policy{}
	names := 0
	for _, file := range files {
		psa := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "policies-"), ".yaml")
		manifests, _ := load(file)
		for _, manifest := range manifests {
			policies[psa] = append(policies[psa], policy{manifest, compile(env, manifest)})
		}
		names = len(manifests)
	}
	verdicts, refused, untyped, invalid, dearest, most := 0, 0, 0, 0, "", int64(0)
	for _, one := range cases {
		request, err := requested(one.Object)
		if err != nil {
			invalid++
			continue
		}
		if _, is := request.object.(*unstructured.Unstructured); is {
			untyped++
		}
		wanted := sets.New(one.Refused...)
		for _, policy := range policies[one.Psa] {
			if !asks(policy.manifest, request) {
				continue
			}
			decision := decide(policy.validator, request, celconfig.RuntimeCELCostBudget)
			verdicts++
			if decision.Evaluation == validating.EvalDeny {
				refused++
			}
			name := policy.manifest.Name
			switch {
			case decision.Evaluation == validating.EvalError:
				fail("%s of %s: %s", name, describe(one), decision.Message)
			case (decision.Evaluation == validating.EvalDeny) != wanted.Has(name):
				fail("%s: the API server says %s, the scanner refused %v: %s", name, decision.Evaluation,
					wanted.Has(name), describe(one))
			}
			if decision.Evaluation == validating.EvalError {
				continue
			}
			// Whether it is dearer than all before is one question; how dear, many.
			if decide(policy.validator, request, most).Evaluation == validating.EvalError {
				most, dearest = costs(policy.validator, request, most), name
			}
		}
	}
	fmt.Printf("1.%d: %d policies, %d objects (%d without a type, %d that the API refuses itself), %d verdicts, %d of "+
		"them refusals; the dearest costs %d of %d: %s\n", compatible.Minor(), names, len(cases), untyped, invalid,
		verdicts, refused, most, celconfig.RuntimeCELCostBudget, dearest)
}

// Compiles as the plugin does, and as the validation of a policy that is created does: as a new expression.
func compile(env *environment.EnvSet, manifest *v1.ValidatingAdmissionPolicy) validating.Validator {
	compiler, err := plugincel.NewCompositedCompiler(env)
	check(err)
	options := plugincel.OptionalVariableDeclarations{HasAuthorizer: true}
	for index := range manifest.Spec.Variables {
		variable := validating.Variable{
			Name:       manifest.Spec.Variables[index].Name,
			Expression: manifest.Spec.Variables[index].Expression,
		}
		if result := compiler.CompileAndStoreVariable(&variable, options, environment.NewExpressions); result.Error != nil {
			fail("%s, variable %s: %s", manifest.Name, variable.Name, result.Error)
		}
	}
	var conditions []plugincel.ExpressionAccessor
	for _, one := range manifest.Spec.Validations {
		condition := &validating.ValidationCondition{
			Expression: one.Expression, Message: one.Message, Reason: one.Reason,
		}
		if result := compiler.CompileCELExpression(condition, options, environment.NewExpressions); result.Error != nil {
			fail("%s: %s", manifest.Name, result.Error)
		}
		if strings.ContainsAny(one.Message, "\n") || strings.TrimSpace(one.Message) == "" {
			fail("%s: its message has several lines, or none", manifest.Name)
		}
		conditions = append(conditions, condition)
	}
	var notes []plugincel.ExpressionAccessor
	for _, annotation := range manifest.Spec.AuditAnnotations {
		note := &validating.AuditAnnotationCondition{Key: annotation.Key, ValueExpression: annotation.ValueExpression}
		if result := compiler.CompileCELExpression(note, options, environment.NewExpressions); result.Error != nil {
			fail("%s, %s: %s", manifest.Name, annotation.Key, result.Error)
		}
		if wrong := validation.IsQualifiedName(manifest.Name + "/" + annotation.Key); len(wrong) > 0 {
			fail("%s, %s: %v", manifest.Name, annotation.Key, wrong)
		}
		notes = append(notes, note)
	}
	// Errors are to be seen, whatever the policy says.
	strict := v1.Fail
	made := func(expressions []plugincel.ExpressionAccessor) plugincel.ConditionEvaluator {
		return compiler.CompileCondition(expressions, options, environment.NewExpressions)
	}
	return validating.NewValidator(made(conditions), nil, made(notes), made(nil), &strict, nil)
}

func decide(validator validating.Validator, request request, budget int64) validating.PolicyDecision {
	attributes := &admission.VersionedAttributes{
		Attributes: request.attributes(), VersionedObject: request.object, VersionedKind: request.kind,
	}
	result := validator.Validate(context.Background(), request.resource, attributes, nil, namespace(request.namespace), budget, nil)
	return result.Decisions[0]
}

// The least budget within which there is an answer.
func costs(validator validating.Validator, request request, low int64) int64 {
	high := int64(celconfig.RuntimeCELCostBudget)
	for low < high {
		middle := (low + high) / 2
		if decide(validator, request, middle).Evaluation == validating.EvalError {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// Runs the admission plugin as a whole, with policies and bindings as they are exported, and reads what it would write
// into the audit log.
func whole(file, psa string, cases []Case) {
	manifests, bindings := load(file)
	stop := make(chan struct{})
	defer close(stop)
	objects := []runtime.Object{}
	for _, name := range []string{"default", "kube-system"} {
		objects = append(objects, namespace(name))
	}
	for index := range manifests {
		objects = append(objects, manifests[index], bindings[index])
	}
	client := fake.NewSimpleClientset(objects...)
	factory := informers.NewSharedInformerFactory(client, 0)
	plugin, err := validating.NewPlugin(nil)
	check(err)
	plugin.SetExternalKubeInformerFactory(factory)
	plugin.SetExternalKubeClientSet(client)
	mapper := meta.NewDefaultRESTMapper(nil)
	plugin.SetRESTMapper(mapper)
	plugin.SetDynamicClient(dynamicfake.NewSimpleDynamicClient(scheme.Scheme))
	plugin.SetDrainedNotification(stop)
	plugin.SetAuthorizer(nobody{})
	check(plugin.ValidateInitialization())
	factory.Start(stop)
	factory.WaitForCacheSync(stop)
	violated := func(request request) (sets.Set[string], error) {
		recorder := &recorded{Attributes: request.attributes()}
		err := plugin.Validate(context.Background(), recorder, admission.NewObjectInterfacesFromScheme(scheme.Scheme))
		names := sets.New[string]()
		for key := range recorder.annotations {
			if name, is := strings.CutSuffix(key, "/finding"); is {
				names.Insert(name)
			}
		}
		return names, err
	}
	// Policies are taken in some time after they are known.
	first, err := requested(map[string]any{
		"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "p"},
		"spec": map[string]any{"hostPID": true, "containers": []any{map[string]any{"name": "c"}}},
	})
	check(err)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if names, _ := violated(first); names.Len() > 0 {
			break
		}
	}
	asked, refused, spared := 0, 0, 0
	for _, one := range cases {
		request, err := requested(one.Object)
		if err != nil || one.Psa != psa {
			continue
		}
		for _, place := range []string{"default", "kube-system"} {
			request.namespace = place
			got, err := violated(request)
			if err != nil {
				fail("%s: %v", describe(one), err)
			}
			asked++
			clusterWide := meta.RESTScopeNameRoot == scope(request.kind.Kind)
			if place == "kube-system" && !clusterWide {
				spared++
				if got.Len() > 0 {
					fail("refused in kube-system: %v", sets.List(got))
				}
				continue
			}
			refused += got.Len()
			wanted := sets.New[string]()
			for _, rule := range one.Refused {
				for _, manifest := range manifests {
					if manifest.Name == rule && asks(manifest, request) {
						wanted.Insert(rule)
					}
				}
			}
			if !got.Equal(wanted) {
				fail("the audit log has %v, the scanner %v: %s", sets.List(got.Difference(wanted)),
					sets.List(wanted.Difference(got)), describe(one))
			}
		}
	}
	fmt.Printf("the whole plugin: %d objects written, %d of them in kube-system, %d violations in the audit log\n", asked,
		spared, refused)
}

type recorded struct {
	admission.Attributes
	annotations map[string]string
}

// Keeps the first of what has one key, as the audit log does.
func (r *recorded) AddAnnotation(key, value string) error {
	if r.annotations == nil {
		r.annotations = map[string]string{}
	}
	if _, known := r.annotations[key]; !known {
		r.annotations[key] = value
	}
	return nil
}

func (r *request) attributes() admission.Attributes {
	namespace := r.namespace
	if scope(r.kind.Kind) == meta.RESTScopeNameRoot {
		namespace = ""
	}
	return admission.NewAttributesRecord(r.object, nil, r.kind, namespace, r.name, r.resource, "", admission.Create,
		&metav1.CreateOptions{}, false, &user.DefaultInfo{Name: "somebody"})
}

func scope(kind string) meta.RESTScopeName {
	switch kind {
	case "Namespace", "PersistentVolume", "StorageClass", "ClusterRole", "ClusterRoleBinding", "GatewayClass",
		"PriorityClass", "CustomResourceDefinition":
		return meta.RESTScopeNameRoot
	}
	return meta.RESTScopeNameNamespace
}

func requested(content map[string]any) (request, error) {
	raw := &unstructured.Unstructured{Object: content}
	kind := raw.GroupVersionKind()
	resource, _ := meta.UnsafeGuessKindToResource(kind)
	found := request{object: raw, kind: kind, resource: resource, namespace: "default", name: raw.GetName()}
	if typed, err := scheme.Scheme.New(kind); err == nil {
		// Fields that the type does not have, or has otherwise, are refused before any policy is asked.
		if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(content, typed, true); err != nil {
			return found, err
		}
		// So are pods without containers; what rules say of such fragments is asked of them as they are.
		if text, err := json.Marshal(typed); err != nil || !strings.Contains(string(text), `"containers":null`) {
			found.object = typed
		}
	}
	return found, nil
}

// Whether a policy is asked about an object.
func asks(manifest *v1.ValidatingAdmissionPolicy, request request) bool {
	for _, rule := range manifest.Spec.MatchConstraints.ResourceRules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				if group == request.resource.Group && resource == request.resource.Resource {
					return true
				}
			}
		}
	}
	return false
}

func load(file string) (policies []*v1.ValidatingAdmissionPolicy, bindings []*v1.ValidatingAdmissionPolicyBinding) {
	open, err := os.Open(file)
	check(err)
	defer open.Close()
	reader := utilyaml.NewYAMLReader(bufio.NewReader(open))
	for {
		document, err := reader.Read()
		if err == io.EOF {
			return
		}
		check(err)
		var kind metav1.TypeMeta
		check(yaml.Unmarshal(document, &kind))
		switch kind.Kind {
		case "ValidatingAdmissionPolicy":
			policy := &v1.ValidatingAdmissionPolicy{}
			check(yaml.UnmarshalStrict(document, policy))
			complete(policy.Spec.MatchConstraints)
			policies = append(policies, policy)
		case "ValidatingAdmissionPolicyBinding":
			binding := &v1.ValidatingAdmissionPolicyBinding{}
			check(yaml.UnmarshalStrict(document, binding))
			complete(binding.Spec.MatchResources)
			bindings = append(bindings, binding)
		}
	}
}

// Puts in what an API server puts in where nothing is said.
func complete(match *v1.MatchResources) {
	if match.NamespaceSelector == nil {
		match.NamespaceSelector = &metav1.LabelSelector{}
	}
	if match.ObjectSelector == nil {
		match.ObjectSelector = &metav1.LabelSelector{}
	}
	if match.MatchPolicy == nil {
		equivalent := v1.Equivalent
		match.MatchPolicy = &equivalent
	}
	for index := range match.ResourceRules {
		if match.ResourceRules[index].Scope == nil {
			all := v1.AllScopes
			match.ResourceRules[index].Scope = &all
		}
	}
}

func read(file string) (cases []Case) {
	open, err := os.Open(file)
	check(err)
	defer open.Close()
	lines := bufio.NewScanner(open)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var one Case
		decoder := json.NewDecoder(strings.NewReader(lines.Text()))
		decoder.UseNumber()
		check(decoder.Decode(&one))
		one.Object = numbers(one.Object).(map[string]any)
		cases = append(cases, one)
	}
	check(lines.Err())
	return
}

// Whole numbers as int64, as an API server decodes them.
func numbers(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key := range value {
			value[key] = numbers(value[key])
		}
	case []any:
		for index := range value {
			value[index] = numbers(value[index])
		}
	case json.Number:
		if whole, err := value.Int64(); err == nil {
			return whole
		}
		fraction, _ := value.Float64()
		return fraction
	}
	return value
}

func namespace(name string) *corev1.Namespace {
	labels := map[string]string{"kubernetes.io/metadata.name": name}
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
}

func latest(files []string) string {
	minor := func(file string) int {
		text := strings.TrimSuffix(filepath.Base(file), ".yaml")
		number, _ := strconv.Atoi(text[strings.LastIndex(text, ".")+1:])
		return number
	}
	sort.Slice(files, func(a, b int) bool { return minor(files[a]) < minor(files[b]) })
	name := filepath.Base(files[len(files)-1])
	return strings.TrimSuffix(strings.TrimPrefix(name, "policies-"), ".yaml")
}

func describe(one Case) string {
	text, _ := json.Marshal(one.Object)
	if len(text) > 300 {
		text = append(text[:300], "…"...)
	}
	return string(text)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err, reflect.TypeOf(err))
		os.Exit(2)
	}
}

// Allows nobody anything; no exported policy asks.
type nobody struct{}

func (nobody) Authorize(context.Context, authorizer.Attributes) (authorizer.Decision, string, error) {
	return authorizer.DecisionNoOpinion, "", nil
}
