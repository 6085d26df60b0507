{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_changed_answers() }}",
    indexes=[{'columns': ['extraction_id']}, {'columns': ['row_version']}]
) }}

{# What an answer says does not change, so it is read once: a build reads the answers that are new. The row of the
   answer itself (path '') tells that it was read. #}
{% set paths = [
    ['productions'],
    ['productions', 'works'],
    ['productions', 'co_producers'],
    ['productions', 'premiere_words'],
    ['productions', 'creative_team'],
    ['productions', 'creative_team', 'nights'],
    ['productions', 'cast_members'],
    ['productions', 'cast_members', 'nights'],
    ['productions', 'performances'],
    ['productions', 'ticket_prices'],
    ['productions', 'ticket_prices', 'nights'],
    ['financials']
] %}

with answers as (
    {{ unread_answers() }}
),

objects as (
    select
        answers.extraction_id,
        opened.path,
        opened.pointer,
        opened.parent_pointer,
        opened.production_pointer,
        opened.position,
        fields.node,
        fields.refused,
        fields.nights_count,
        case when opened.path = '' then answers.row_version end as row_version
    from answers
    cross join lateral {{ read_once('answers', ['raw_response', 'evidence']) }} as document
    cross join lateral {{ opened_objects('document', paths) }} as opened
    cross join
        lateral (  -- noqa: ST05
            select
                coalesce(jsonb_object_agg(field.name, field.value) filter (where field.is_scalar), '{}') as node,
                coalesce(
                    jsonb_agg(field.name order by field.name collate "C")  -- noqa: RF03
                    filter (where field.is_scalar and not field.is_accepted),
                    '[]'
                ) as refused,
                max(field.elements_count) filter (where field.name = 'nights') as nights_count
            from (
                select
                    leaf.name,
                    leaf.value,
                    jsonb_typeof(leaf.value) in ('string', 'number', 'boolean') and leaf.name <> 'block' as is_scalar,
                    case when jsonb_typeof(leaf.value) = 'array' then jsonb_array_length(leaf.value) end
                        as elements_count,
                    coalesce(
                        {{ is_accepted(
                            "document.evidence -> place.pointer ->> 'status'", "place.pointer", "document.raw_response"
                        ) }},
                        false
                    )
                    and not answers.held_back ? place.pointer as is_accepted
                from jsonb_each(opened.object) as leaf (name, value)
                cross join lateral (
                    select case leaf.name when 'element' then opened.pointer else opened.pointer || '/' || leaf.name end
                        as pointer
                ) as place
            ) as field
        ) as fields
    where
        jsonb_typeof(opened.object) = 'object'
        -- An object inside one that validation holds back is held back with it.
        and not exists (
            select 1
            from jsonb_array_elements_text(answers.held_back) as held (pointer)
            where opened.path <> '' and starts_with(opened.pointer || '/', held.pointer || '/')
        )
)

select * from objects
