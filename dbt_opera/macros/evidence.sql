{# The gate between what an extractor answered and what the warehouse believes.

   A model that flattens objects of PageExtraction selects from `objects(...)`, which gives each of them as `node` with its
   JSON Pointer `pointer`, and takes every value through `grounded('field')`: the value if the page's evidence for exactly
   that leaf has an accepted status and validation did not hold it back, else null. #}
{% macro grounded(field, elsewhere=false) -%}
    nullif(btrim(
        case
            when
                (evidence -> (pointer || '/{{ field }}') ->> 'status')
                in ({{ accepted_statuses() }}{{ ", case when is_only_production then 'elsewhere' end" if elsewhere }})
                and not held_back ? (pointer || '/{{ field }}')
                then node ->> '{{ field }}'
        end
    ), '')
{%- endmacro %}

{# The same for lists of strings, whose elements are the leaves. #}
{% macro grounded_element() -%}
    nullif(btrim(
        case
            when (evidence -> pointer ->> 'status') in ({{ accepted_statuses() }})
                then node #>> '{}'
        end
    ), '')
{%- endmacro %}

{% macro accepted_statuses() -%}
    '{{ var("grounded_statuses") | join("', '") }}'
{%- endmacro %}

{# What says how a value was read, not what the page states (`year_inferred`): passes without evidence. #}
{% macro ungated(field) -%}
    node ->> '{{ field }}'
{%- endmacro %}

{# Rows of the objects at a path of lists, for example objects(['productions', 'cast_members']).

   An object inside a held-back one is held back with it. Of `stg_readings` these are the objects that any extractor read on
   any version; of `stg_extractions`, those that count: of a version that newer ones replaced, only its last words. #}
{% macro objects(path, relation='stg_extractions') -%}
    select
        extractions.extraction_id,
        {{ "extractions.is_latest," if relation == 'stg_extractions' }}
        extractions.held_back,
        document.evidence,
        level_{{ path | length }}.node,
        (level_{{ path | length }}.ordinality - 1)::integer as position,
        {{ pointer_of(path, path | length) }} as pointer,
        {{ pointer_of(path, path | length - 1) if path | length > 1 else "''" }} as parent_pointer,
        {{ pointer_of(path, 1) }} as production_pointer,
        jsonb_array_length({{ json_list("document.raw_response", path[0]) }}) = 1 as is_only_production
    from {{ ref(relation) }} as extractions
    cross join lateral {{ read_once('extractions', ['raw_response', 'evidence']) }} as document
    {%- for list in path %}
    cross join lateral jsonb_array_elements(
        {{ json_list("document.raw_response" if loop.first else "level_" ~ loop.index0 ~ ".node", list) }}
    ) with ordinality as level_{{ loop.index }} (node, ordinality)
    {%- endfor %}
    where not exists (
        select 1
        from jsonb_array_elements_text(extractions.held_back) as held (pointer)
        where starts_with({{ pointer_of(path, path | length) }} || '/', held.pointer || '/')
    )
    {{ "and " ~ is_last_word(pointer_of(path, path | length)) if relation == 'stg_extractions' }}
{%- endmacro %}

{# Whether an object of a replaced version lies in, or around, what no newer version of its page says again. #}
{% macro is_last_word(pointer) -%}
    (
        extractions.last_words is null
        or exists (
            select 1
            from jsonb_array_elements_text(extractions.last_words) as word (pointer)
            where
                starts_with({{ pointer }} || '/', word.pointer || '/')
                or starts_with(word.pointer || '/', {{ pointer }} || '/')
        )
    )
{%- endmacro %}

{# Documents of a row as they are in memory. `|| '{}'` inside a subquery the planner may not flatten reads the stored
   JSON once; without it every lookup of every leaf would decompress the whole document again. #}
{% macro read_once(relation, documents) -%}
    {%- set columns = [] -%}
    {%- for document in documents -%}
        {%- do columns.append(relation ~ "." ~ document ~ " || '{}'::jsonb as " ~ document) -%}
    {%- endfor -%}
    (select {{ columns | join(', ') }} offset 0)
{%- endmacro %}

{# JSON Pointer of an object whose lists are opened as level_1, level_2 … #}
{% macro pointer_of(path, depth) -%}
    {%- set steps = [] -%}
    {%- for list in path[:depth] -%}
        {%- do steps.append("'/" ~ list ~ "/' || (level_" ~ loop.index ~ ".ordinality - 1)") -%}
    {%- endfor -%}
    {{ steps | join(' || ') }}
{%- endmacro %}

{% macro json_list(document, name) -%}
    case when jsonb_typeof({{ document }} -> '{{ name }}') = 'array' then {{ document }} -> '{{ name }}' else '[]'::jsonb end
{%- endmacro %}
