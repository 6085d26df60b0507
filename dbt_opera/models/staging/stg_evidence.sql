with extractions as (
    select
        extraction_id,
        is_latest,
        held_back,
        last_words,
        raw_response,
        evidence,
        jsonb_array_length({{ json_list('raw_response', 'productions') }}) = 1 as is_only_production
    from {{ ref('stg_extractions') }}
),

leaves as (
    select
        extractions.extraction_id,
        extractions.is_latest,
        leaf.pointer,
        document.raw_response #>> string_to_array(ltrim(leaf.pointer, '/'), '/') as value,
        leaf.evidence ->> 'status' as status,
        leaf.evidence ->> 'quote' as quote,
        leaf.evidence ->> 'block' as block,
        leaf.evidence ->> 'xpath' as xpath
    from extractions
    cross join lateral {{ read_once('extractions', ['raw_response']) }} as document
    cross join lateral jsonb_each(extractions.evidence) as leaf (pointer, evidence)
    where
        (
            leaf.evidence ->> 'status' in ({{ accepted_statuses() }})
            or (
                leaf.evidence ->> 'status' = 'elsewhere'
                and extractions.is_only_production
                and leaf.pointer ~ '^/productions/0/[a-z_]+$'
            )
        )
        and not exists (
            select 1
            from jsonb_array_elements_text(extractions.held_back) as held (pointer)
            where starts_with(leaf.pointer || '/', held.pointer || '/')
        )
        and {{ is_last_word("regexp_replace(leaf.pointer, '/[^/]*$', '')") }}
),

accepted as (
    select
        extraction_id,
        is_latest,
        pointer,
        regexp_replace(pointer, '/[^/]*$', '') as parent_pointer,
        regexp_replace(pointer, '^.*/', '') as field,
        value,
        status,
        quote,
        block,
        xpath
    from leaves
    where value is not null
)

select * from accepted
