with titles as (
    select * from {{ ref('int_titles') }}
),

reference_works as (
    select * from {{ ref('opera_works') }}
),

reference_titles as (
    select
        work_id,
        alias as title
    from {{ ref('opera_work_aliases') }}
    union all
    select
        work_id,
        title
    from reference_works
    union all
    select
        work_id,
        title_en as title
    from reference_works
),

reference_keys as (
    select distinct
        reference_titles.work_id,
        reference_works.composer_id as composer_reference_id,
        {{ normalised('reference_titles.title') }} as title_key
    from reference_titles
    inner join reference_works on reference_titles.work_id = reference_works.work_id
    where reference_titles.title <> ''
),

-- The forms under which a title is looked up, the most literal first.
forms as (
    select
        titles.printed,
        form.title_key,
        min(form.form_rank) as form_rank
    from titles
    cross join
        lateral (
            values
            (titles.whole_key, 1),
            (titles.untagged_key, 2),
            (titles.inverted_key, 2),
            (titles.joined_key, 2),
            (titles.unsigned_key, 2),
            (titles.bare_key, 2),
            (titles.before_subtitle_key, 3),
            (titles.bracketed_key, 3)
        ) as form (title_key, form_rank)
    where form.title_key <> ''
    group by titles.printed, form.title_key
),

bare_forms as (
    select
        printed,
        {{ without_article('title_key') }} as bare_key,
        form_rank
    from forms
),

bare_keys as (
    select
        work_id,
        composer_reference_id,
        {{ without_article('title_key') }} as bare_key
    from reference_keys
),

-- Other spellings and alphabets: by sound, without article and spaces. A short word sounds like too many.
folded_forms as (
    select
        printed,
        {{ compact(folded('bare_key')) }} as folded_key,
        min(form_rank) as form_rank
    from bare_forms
    group by printed, {{ compact(folded('bare_key')) }}
),

folded_keys as (
    select distinct
        work_id,
        composer_reference_id,
        {{ compact(folded('bare_key')) }} as folded_key
    from bare_keys
),

candidates as (
    select
        forms.printed,
        reference_keys.work_id,
        reference_keys.composer_reference_id,
        min(forms.form_rank) as form_rank
    from forms
    inner join reference_keys on forms.title_key = reference_keys.title_key
    group by forms.printed, reference_keys.work_id, reference_keys.composer_reference_id
    union all
    select
        forms.printed,
        bare_keys.work_id,
        bare_keys.composer_reference_id,
        3 + min(forms.form_rank) as form_rank
    from bare_forms as forms
    inner join bare_keys on forms.bare_key = bare_keys.bare_key
    group by forms.printed, bare_keys.work_id, bare_keys.composer_reference_id
    union all
    select
        folded_forms.printed,
        folded_keys.work_id,
        folded_keys.composer_reference_id,
        6 + folded_forms.form_rank as form_rank
    from folded_forms
    inner join folded_keys on folded_forms.folded_key = folded_keys.folded_key
    where length(folded_forms.folded_key) >= 5
),

nearest as (
    select
        printed,
        work_id,
        composer_reference_id,
        min(form_rank) as form_rank
    from candidates
    group by printed, work_id, composer_reference_id
)

select * from nearest
