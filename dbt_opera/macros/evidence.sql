{# The gate between what an extractor answered and what the warehouse believes.

   A model that flattens objects of PageExtraction selects from `objects(...)`, which gives each of them as `node` with its
   JSON Pointer `pointer`, and takes every value through `grounded('field')`: the value if the page's evidence for exactly
   that leaf has an accepted status and validation did not hold it back (`stg_objects` decides), else null. #}
{% macro grounded(field) -%}
    nullif(btrim(case when not refused ? '{{ field }}' then node ->> '{{ field }}' end), '')
{%- endmacro %}

{# The same for lists of strings, whose elements are the leaves. #}
{% macro grounded_element() -%}
    {{ grounded('element') }}
{%- endmacro %}

{% macro accepted_statuses() -%}
    '{{ var("grounded_statuses") | join("', '") }}'
{%- endmacro %}

{# What says how a value was read, not what the page states (`year_inferred`): passes without evidence. #}
{% macro ungated(field) -%}
    node ->> '{{ field }}'
{%- endmacro %}

{# Whether the evidence of a leaf is accepted: by its status, or as found elsewhere if the leaf is a scalar of the only
   production of a page, which may stand anywhere on it. #}
{% macro is_accepted(status, pointer, raw_response) -%}
    (
        {{ status }} in ({{ accepted_statuses() }})
        or (
            {{ status }} = 'elsewhere'
            and jsonb_array_length({{ json_list(raw_response, 'productions') }}) = 1
            and {{ pointer }} ~ '^/productions/0/[a-z_]+$'
        )
    )
{%- endmacro %}

{# Rows of the objects at a path of lists, for example objects(['productions', 'cast_members']).

   Of `stg_readings` these are the objects that any extractor read on any version; of `stg_extractions`, those that count: of
   a version that newer ones replaced, only its last words. #}
{% macro objects(path, relation='stg_extractions') -%}
    select
        objects.extraction_id,
        {{ "extractions.is_latest," if relation == 'stg_extractions' }}
        objects.node,
        objects.refused,
        coalesce(objects.nights_count, 0) as nights_count,
        objects.position,
        objects.pointer,
        objects.parent_pointer,
        objects.production_pointer
    from {{ ref('stg_objects') }} as objects
    inner join {{ ref(relation) }} as extractions on objects.extraction_id = extractions.extraction_id
    where
        objects.path = '{{ path | join(".") }}'
        {{ "and " ~ is_last_word('objects.pointer') if relation == 'stg_extractions' }}
{%- endmacro %}

{# The objects of an answer as rows of a lateral join: the answer itself, its company, and what stands in its lists. An
   element of a list of strings is an object with nothing but itself. #}
{% macro opened_objects(document, paths) -%}
    (
        select
            '' as path,
            '' as pointer,
            '' as parent_pointer,
            '' as production_pointer,
            0 as position,
            {{ document }}.raw_response as object
        union all
        select
            'company' as path,
            '/company' as pointer,
            '' as parent_pointer,
            '' as production_pointer,
            0 as position,
            {{ document }}.raw_response -> 'company' as object
        {% for path in paths %}
            union all
            select
                '{{ path | join(".") }}' as path,
                {{ pointer_of(path, path | length) }} as pointer,
                {{ pointer_of(path, path | length - 1) if path | length > 1 else "''" }} as parent_pointer,
                {{ pointer_of(path, 1) }} as production_pointer,
                (level_{{ path | length }}.ordinality - 1)::integer as position,
                case
                    when jsonb_typeof(level_{{ path | length }}.node) = 'object' then level_{{ path | length }}.node
                    else jsonb_build_object('element', level_{{ path | length }}.node)
                end as object
            from
                {{ opened_lists(document, path) }} -- noqa: LT02
        {% endfor %}
    )
{%- endmacro %}

{# The elements of the lists on a path, each list in an element of the one before, as `level_1`, `level_2` … #}
{% macro opened_lists(document, path) -%}
    {%- for list in path -%}
        {{ " cross join lateral " if not loop.first }}
        {{- "jsonb_array_elements(" }}
        {{- json_list(document ~ ".raw_response" if loop.first else "level_" ~ loop.index0 ~ ".node", list) }}
        {{- ") with ordinality as level_" ~ loop.index ~ " (node, ordinality)" }}
    {%- endfor -%}
{%- endmacro %}

{# What incremental models of answers read: those of which they have nothing yet. In such a model one row of each answer
   has its `row_version`, and an answer never changes without another; so however answers arrive, it ends as if built anew. #}
{% macro unread_answers() -%}
    select * from {{ ref('stg_answers') }}
    {%- if is_incremental() %}
    where
        not exists (
            select 1 from {{ this }} as known
            where known.extraction_id = stg_answers.extraction_id and known.row_version is not null
        )
    {%- endif %}
{%- endmacro %}

{# Before that, what was read of answers that are gone or were written anew goes. #}
{% macro forget_changed_answers() -%}
    {% if is_incremental() %}
        delete from {{ this }}
        where
            extraction_id in (
                select known.extraction_id
                from {{ this }} as known
                left join {{ ref('stg_answers') }} as answers
                    on known.extraction_id = answers.extraction_id and known.row_version = answers.row_version
                where known.row_version is not null and answers.extraction_id is null
            )
    {% else %}
        select 1
    {% endif %}
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
