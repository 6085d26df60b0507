{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_changed_answers() }}",
    indexes=[{'columns': ['extraction_id', 'object_pointer']}, {'columns': ['row_version']}]
) }}

with answers as (
    {{ unread_answers() }}
),

leaves as (
    select
        answers.extraction_id,
        leaf.pointer,
        document.raw_response #>> string_to_array(ltrim(leaf.pointer, '/'), '/') as value,
        leaf.evidence ->> 'status' as status,
        leaf.evidence ->> 'quote' as quote,
        leaf.evidence ->> 'block' as block,
        leaf.evidence ->> 'xpath' as xpath,
        null as row_version
    from answers
    cross join lateral {{ read_once('answers', ['raw_response', 'evidence']) }} as document
    cross join lateral jsonb_each(document.evidence) as leaf (pointer, evidence)
    where
        {{ is_accepted("leaf.evidence ->> 'status'", 'leaf.pointer', 'document.raw_response') }}
        and not exists (
            select 1
            from jsonb_array_elements_text(answers.held_back) as held (pointer)
            where starts_with(leaf.pointer || '/', held.pointer || '/')
        )
    union all
    -- That the answer was read, whatever its evidence bears out.
    select
        extraction_id,
        '' as pointer,
        null as value,
        null as status,
        null as quote,
        null as block,
        null as xpath,
        row_version
    from answers
),

located as (
    select
        *,
        regexp_replace(pointer, '/[^/]*$', '') as parent_pointer,
        regexp_replace(pointer, '^.*/', '') as field
    from leaves
    where value is not null or pointer = ''
),

-- Elements of a list of strings are leaves themselves; their field is the list's name.
named as (
    select
        extraction_id,
        pointer,
        parent_pointer,
        field,
        case when field ~ '^[0-9]+$' then pointer else parent_pointer end as object_pointer,
        case when field ~ '^[0-9]+$' then regexp_replace(parent_pointer, '^.*/', '') else field end as object_field,
        value,
        status,
        quote,
        block,
        xpath,
        row_version
    from located
)

select * from named
