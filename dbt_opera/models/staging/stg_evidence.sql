with leaves as (
    select * from {{ ref('stg_leaves') }}
    where pointer <> ''
),

accepted as (
    select
        leaves.extraction_id,
        extractions.is_latest,
        leaves.pointer,
        leaves.parent_pointer,
        leaves.field,
        leaves.object_pointer,
        leaves.object_field,
        leaves.value,
        leaves.status,
        leaves.quote,
        leaves.block,
        leaves.xpath
    from leaves
    inner join {{ ref('stg_extractions') }} as extractions on leaves.extraction_id = extractions.extraction_id
    where {{ is_last_word('leaves.parent_pointer') }}
)

select * from accepted
